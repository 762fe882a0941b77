"""Makes a file or folder again only when something in it has changed, and never leaves half of one."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Stamp:
    """A note of what something was made from."""

    file: Path

    def says(self, inputs: str) -> bool:
        """Whether it was made from these inputs. Another process may be making it right now."""
        with suppress(FileNotFoundError):
            return self.file.read_text() == inputs
        return False

    def write(self, inputs: str) -> None:
        """Note that it is whole, and what it was made from."""
        self.file.write_text(inputs)


@dataclass(frozen=True, slots=True)
class Made:
    """A file or folder that is made whole in a workshop, beside it as a rule, and then moved to its place."""

    result: Path
    workshop: Path | None = None

    def is_from(self, inputs: str) -> bool:
        """Whether it is there, and was made from these inputs."""
        return self.result.exists() and self._stamp.says(inputs)

    def once(self, inputs: str, make: Callable[[Path], None]) -> bool:
        """Have `make` write a fresh one and move it there, unless that was done with these inputs already."""
        if self.is_from(inputs):
            return False
        fresh = self._beside("new")
        _remove(fresh)
        fresh.parent.mkdir(parents=True, exist_ok=True)
        make(fresh)
        self._stamp.file.unlink(missing_ok=True)
        if self.result.is_dir():
            shutil.rmtree(self.result)
        fresh.replace(self.result)
        self._stamp.write(inputs)
        return True

    @property
    def _stamp(self) -> Stamp:
        return Stamp(self._beside("stamp"))

    def _beside(self, suffix: str) -> Path:
        return (self.workshop or self.result.parent) / f"{self.result.name}.{suffix}"


def _remove(path: Path) -> None:
    """Remove what a build that was killed left."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def fingerprint(files: Iterable[Path], context: str = "") -> str:
    """Return a text that changes with the files' names and bytes, and with the context."""
    digest = hashlib.sha256(context.encode())
    for file in files:
        digest.update(f"{file}\0".encode() + hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


@contextmanager
def exclusive(folder: Path, name: str = ".lock") -> Iterator[None]:
    """Let one process at a time work in the folder, so that two deployments can run side by side."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / name).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
