"""Counts the processor time of what is measured, by the part that spent it."""

from __future__ import annotations

import os
import threading
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

PROC = Path("/proc")
INTERVAL = 0.3
"""Seconds between two looks: what a process spends after the last look at it is not seen."""
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Process:
    """One process as the system describes it. A pid together with its start names it for ever."""

    pid: int
    parent: int
    started: str
    command: str
    seconds: float


@dataclass(slots=True)
class Meter:
    """The seconds that each part has spent since it was made."""

    roots: Mapping[int, str]
    """Processes, and the part that each is, with all that it starts."""
    part_of: Callable[[str], str | None]
    """Names the part of a started process by its command, where it is one of its own."""
    _before: dict[tuple[int, str], float] = field(default_factory=dict)
    _latest: dict[tuple[int, str], tuple[str, float]] = field(default_factory=dict)

    def start(self) -> None:
        self._before = {(each.pid, each.started): each.seconds for each, _ in self._parts()}

    def look(self) -> None:
        for each, part in self._parts():
            self._latest[each.pid, each.started] = part, each.seconds

    def spent(self) -> dict[str, float]:
        """Return the seconds by part, also of processes that have ended meanwhile."""
        parts: dict[str, float] = defaultdict(float)
        for process, (part, seconds) in self._latest.items():
            parts[part] += seconds - self._before.get(process, 0.0)
        return dict(parts)

    def _parts(self) -> Iterator[tuple[Process, str]]:
        running = _running()
        for process in running.values():
            root = next((pid for pid in _line(process, running) if pid in self.roots), None)
            if root is not None:
                yield process, self.part_of(process.command) or self.roots[root]


@contextmanager
def metered(roots: Mapping[int, str], part_of: Callable[[str], str | None]) -> Iterator[Meter]:
    """Count what these processes and all that they start spend, until the context ends."""
    meter, over = Meter(roots, part_of), threading.Event()

    def watch() -> None:
        while not over.wait(INTERVAL):
            meter.look()

    meter.start()
    watching = threading.Thread(target=watch, daemon=True)
    watching.start()
    try:
        yield meter
    finally:
        over.set()
        watching.join()
        meter.look()


def _line(process: Process, running: Mapping[int, Process]) -> Iterator[int]:
    """Return the process and those that it descends from."""
    current: Process | None = process
    while current:
        yield current.pid
        current = running.get(current.parent)


def _running() -> dict[int, Process]:
    if not PROC.exists():
        return {}
    found = (_read(int(entry.name)) for entry in PROC.iterdir() if entry.name.isdecimal())
    return {process.pid: process for process in found if process}


def _read(pid: int) -> Process | None:
    try:
        fields = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
        command = (PROC / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    seconds = (int(fields[11]) + int(fields[12])) / TICKS
    return Process(pid, int(fields[1]), fields[19], command, seconds)
