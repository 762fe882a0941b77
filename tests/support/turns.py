"""Lets one deployment come up for each processor; the others wait for their turn, in this process or another.

Beside each other they come up so slowly that handshakes are refused.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from local.paths import CACHE


@contextmanager
def turn(
    folder: Path = CACHE / "turns",
    *,
    at_once: int | None = None,
    sleep: Callable[[float], object] = time.sleep,
) -> Iterator[None]:
    """Wait for one of the places, and hold it."""
    folder.mkdir(parents=True, exist_ok=True)
    places = range(at_once or os.cpu_count() or 1)
    with ExitStack() as held:
        files = [held.enter_context((folder / f"{number}.lock").open("w")) for number in places]
        while not any(_is_free(file.fileno()) for file in files):
            sleep(0.2)
        yield


def _is_free(file: int) -> bool:
    """Take a place if it is free. It is given back when the file is closed, however that comes."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
