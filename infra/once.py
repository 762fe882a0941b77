"""Makes a folder again only when something that goes into it has changed, and never leaves half of one."""

import fcntl
import hashlib
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path


def once(folder: Path, inputs: str, make: Callable[[Path], None]) -> bool:
    """Have `make` fill a fresh folder and put that in place, unless it was done with these inputs already."""
    stamp = folder.with_name(f"{folder.name}.stamp")
    if folder.is_dir() and stamp.is_file() and stamp.read_text() == inputs:
        return False
    fresh = folder.with_name(f"{folder.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    make(fresh)
    stamp.unlink(missing_ok=True)
    shutil.rmtree(folder, ignore_errors=True)
    fresh.rename(folder)
    stamp.write_text(inputs)
    return True


def fingerprint(files: Iterable[Path], context: str) -> str:
    """Return a text that changes with the files' names and bytes, and with the context."""
    digest = hashlib.sha256(context.encode())
    for file in files:
        digest.update(f"{file}\0".encode() + hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Let one process at a time work in the folder, so that two deployments can run side by side."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
