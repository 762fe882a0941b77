"""Facts that every log line of one piece of work carries: the ids of its request, generation and connection.

`about` opens a piece of work, `note` adds what is learned on the way; a task or thread that is started within
inherits both. `powertools_log` writes them into each line.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_FACTS: ContextVar[dict[str, object] | None] = ContextVar("facts", default=None)


@contextmanager
def about(**facts: object) -> Iterator[None]:
    """Let every line within carry these facts, besides those of the work around it."""
    token = _FACTS.set({**current(), **_known(facts)})
    try:
        yield
    finally:
        _FACTS.reset(token)


def note(**facts: object) -> None:
    """Let every further line of the work under way carry these facts; without any, do nothing."""
    present = _FACTS.get()
    if present is not None:
        present.update(_known(facts))


def current() -> Mapping[str, object]:
    """Return the facts of the work under way."""
    return _FACTS.get() or {}


def _known(facts: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in facts.items() if value is not None and value != ""}
