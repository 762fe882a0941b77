"""Makes several calls at the same time, where each is a wait for the network."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Argument = TypeVar("Argument")
Returned = TypeVar("Returned")

AT_ONCE = 8


def at_once(function: Callable[[Argument], Returned], arguments: Iterable[Argument]) -> list[Returned]:
    """Make calls in threads. What one of them raises is raised, when all have ended."""
    every = list(arguments)
    if len(every) <= 1:
        return one_by_one(function, every)
    with ThreadPoolExecutor(max_workers=min(AT_ONCE, len(every))) as pool:
        return list(pool.map(function, every))


def one_by_one(function: Callable[[Argument], Returned], arguments: Iterable[Argument]) -> list[Returned]:
    """Make one call after the other."""
    return [function(each) for each in arguments]
