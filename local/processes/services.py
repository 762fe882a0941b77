"""Commands and servers that live no longer than we do, each with a log of its own."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

from local.errors import PortInUse, ServiceDied, StepFailed
from local.paths import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from local.state_dir import StateDir

READY_WITHIN = 60.0  # Seconds; a laptop that has just woken up is slow.

_direct = build_opener(ProxyHandler({}))  # No proxy stands between us and this machine.


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A running command under its supervisor."""

    title: str
    log: Path
    supervisor: subprocess.Popen[bytes]

    @property
    def has_ended(self) -> bool:
        return self.supervisor.poll() is not None

    def wait(self, *, reason: Callable[[str], str]) -> None:
        """Wait until it has done its work.

        Raises:
            StepFailed: If it failed; `reason` finds the cause in what it printed.
        """
        if self.supervisor.wait() != 0:
            raise StepFailed(self.title, reason(self.log.read_text(errors="replace")), self.log)

    def wait_until_it_answers(self, url: str) -> None:
        """Wait until the server answers at the URL.

        Raises:
            ServiceDied: If it ended first, or took too long.
        """
        give_up = time.monotonic() + READY_WITHIN
        while not answers(url):
            if self.has_ended or time.monotonic() > give_up:
                raise ServiceDied(self.title, self.log)
            time.sleep(0.05)

    def end(self) -> None:
        """Close the supervisor's input, and wait until it has ended all that it started."""
        assert self.supervisor.stdin
        self.supervisor.stdin.close()
        self.supervisor.wait()


@contextmanager
def running(
    title: str, command: Sequence[str], *, state_dir: StateDir, name: str, environ: Mapping[str, str]
) -> Iterator[Service]:
    """Run the command for as long as the context lasts."""
    log = state_dir.log(name)
    with log.open("wb") as output:
        supervisor = subprocess.Popen(
            [sys.executable, "-m", "local.processes.supervisor", str(state_dir.record(name)), *command],
            cwd=ROOT,
            env=dict(environ),
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C is for us; then `end` tells the supervisor.
        )
    service = Service(title=title, log=log, supervisor=supervisor)
    try:
        yield service
    finally:
        service.end()


def port_for(asked: int | None, option: str) -> int:
    """Return the port that was asked for, or a free one.

    Raises:
        PortInUse: If another process listens on it.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", asked or 0))
        except OSError as error:
            raise PortInUse(asked or 0, option) from error
        return int(probe.getsockname()[1])


def port_near(wanted: int) -> int:
    """Return the port if it is free, at both addresses of localhost, or else a free one."""
    with suppress(OSError), socket.create_connection(("::1", wanted), timeout=1):
        return port_for(None, "")
    with suppress(PortInUse):
        return port_for(wanted, "")
    return port_for(None, "")


def answers(url: str) -> bool:
    """Whether a server of this machine answers at the URL."""
    try:
        with _direct.open(url, timeout=5):
            return True
    except (URLError, OSError):
        return False
