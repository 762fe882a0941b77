"""What Python code touches outside of itself: files, sockets, processes."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_EVENTS = ("open", "os.", "socket.", "subprocess.", "urllib.", "ctypes.", "import")
_watchers: list[list[str]] = []


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if _watchers and event.startswith(_EVENTS):
        for seen in _watchers:
            seen.append(f"{event} {arguments!r:.80}")


sys.addaudithook(_hook)  # There is no way to take one away again.


@contextmanager
def touched() -> Iterator[list[str]]:
    """Collect what is touched from here on."""
    seen: list[str] = []
    _watchers.append(seen)
    try:
        yield seen
    finally:
        _watchers.remove(seen)
