"""Which process is meant: a pid together with the time it started, because pids are used again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """One process of this machine, for as long as it lives."""

    pid: int
    started: str

    @classmethod
    def of(cls, pid: int) -> Self:
        return cls(pid=pid, started=_started(pid) or "")

    @classmethod
    def recorded(cls, file: Path) -> Self | None:
        """Return the process that the file names, whether or not it still lives."""
        with suppress(FileNotFoundError, ValueError, TypeError):
            return cls(**json.loads(file.read_text()))
        return None

    def record(self, file: Path) -> None:
        file.write_text(json.dumps(asdict(self)))

    @property
    def is_alive(self) -> bool:
        return bool(self.started) and _started(self.pid) == self.started

    def stop(self) -> None:
        """Ask it to end."""
        self._send(signal.SIGTERM)

    def kill(self) -> None:
        """End it at once."""
        self._send(signal.SIGKILL)

    def kill_group(self) -> None:
        """End it and the whole process group that it leads, at once."""
        if self.is_alive:
            kill_group(self.pid)

    def _send(self, number: signal.Signals) -> None:
        if self.is_alive:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)


def kill_group(leader: int) -> None:
    """End what is left of a process group, whose leader may have ended already."""
    with suppress(ProcessLookupError, PermissionError):  # macOS refuses to signal a zombie.
        os.killpg(leader, signal.SIGKILL)


def _started(pid: int) -> str | None:
    """Return when the process started, in the system's own words; nothing if it has ended."""
    if not Path("/proc/self/stat").exists():
        return _started_by_ps(pid)
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] in "ZX" else fields[19]


def _started_by_ps(pid: int) -> str | None:
    listed = subprocess.run(
        ["ps", "-o", "stat=,lstart=", "-p", str(pid)],  # noqa: S607
        capture_output=True,
        text=True,
        check=False,
        env={"LC_ALL": "C", "PATH": os.environ.get("PATH", "/bin:/usr/bin")},
    )
    state, _, started = listed.stdout.strip().partition(" ")
    return None if state.startswith("Z") else started.strip() or None
