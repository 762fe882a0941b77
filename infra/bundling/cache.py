"""Makes a file or folder again only when something in it has changed, and never leaves half of one."""

import fcntl
import hashlib
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path


def once(result: Path, inputs: str, make: Callable[[Path], None]) -> bool:
    """Have `make` write a fresh one and move it there, unless that was done with these inputs already."""
    stamp = result.with_name(f"{result.name}.stamp")
    if result.exists() and stamp.is_file() and stamp.read_text() == inputs:
        return False
    fresh = result.with_name(f"{result.name}.new")
    _remove(fresh)
    fresh.parent.mkdir(parents=True, exist_ok=True)
    make(fresh)
    stamp.unlink(missing_ok=True)
    if result.is_dir():
        shutil.rmtree(result)
    fresh.replace(result)
    stamp.write_text(inputs)
    return True


def _remove(path: Path) -> None:
    """Remove what a build that was killed left."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def fingerprint(files: Iterable[Path], context: str) -> str:
    """Return a text that changes with the files' names and bytes, and with the context."""
    digest = hashlib.sha256(context.encode())
    for file in files:
        digest.update(f"{file}\0".encode() + hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


@contextmanager
def exclusive(folder: Path) -> Iterator[None]:
    """Let one process at a time work in the folder, so that two deployments can run side by side."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
