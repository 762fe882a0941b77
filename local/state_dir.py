"""The directory of one local system: what it wrote down, its logs, and which processes are its own."""

from __future__ import annotations

import fcntl
import os
import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from local.errors import AlreadyRunning
from local.processes.process import Process

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class StateDir:
    """Where one system keeps everything; two systems with two homes do not meet."""

    directory: Path

    @property
    def endpoints(self) -> Path:
        return self.directory / "endpoints.json"

    @property
    def outputs(self) -> Path:
        return self.directory / "outputs.json"

    @property
    def assembly(self) -> Path:
        return self.directory / "cdk.out"

    @property
    def holder(self) -> Path:
        return self.directory / "up.json"

    @property
    def scratch(self) -> Path:
        return self.directory / "tmp"

    def log(self, name: str) -> Path:
        return self.directory / "logs" / f"{name}.log"

    def record(self, name: str) -> Path:
        return self._records / f"{name}.json"

    def make(self) -> None:
        """Make the directories that are not there; only this user may read logs and endpoints."""
        for directory in (self.directory, self._records, self.scratch, self.log("x").parent):
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold this home while a system lives in it, and clear away what an earlier one left.

        The system drops the lock with its holder, however that ends, so a lock never outlives its system.

        Raises:
            AlreadyRunning: If another process holds it.
        """
        self.make()
        with self._lock_file.open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise AlreadyRunning(self.directory) from None
            self._clear()
            Process.of(os.getpid()).record(self.holder)
            try:
                yield
            finally:
                self._clear()

    @property
    def is_held(self) -> bool:
        """Whether a system is coming up, up or going down here."""
        if not self._lock_file.exists():
            return False
        with self._lock_file.open("r") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        return False

    def processes(self) -> dict[str, Process]:
        """Return the living processes that were started for this system, by name."""
        found = {file.stem: Process.recorded(file) for file in sorted(self._records.glob("*.json"))}
        return {name: process for name, process in found.items() if process and process.is_alive}

    @property
    def _lock_file(self) -> Path:
        return self.directory / "lock"

    @property
    def _records(self) -> Path:
        return self.directory / "processes"

    def _clear(self) -> None:
        for process in self.processes().values():
            process.kill_group()
        for file in (self.endpoints, self.outputs, self.holder):
            file.unlink(missing_ok=True)
        for directory in (self._records, self.scratch, self.assembly):
            shutil.rmtree(directory, ignore_errors=True)
        self.make()
