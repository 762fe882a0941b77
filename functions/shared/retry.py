"""When a call that failed is made again: how often, after which pauses, and for how long at most.

Each policy is a constant beside the loop that uses it; docs/architecture.md has the table of all.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """One policy. A pause is at most `first` seconds, then twice as long each time, up to `longest`.

    `fixed` is the share of it that is always waited, and chance decides the rest: 0 spreads rivals best, 0.5
    leaves a server that is down in peace.
    """

    attempts: int
    """How often the call is made, the first time included."""
    first: float
    longest: float
    fixed: float = 0
    longest_asked_for: float = 60
    """The most seconds of a server's Retry-After that are waited."""
    chance: Callable[[], float] = random.random

    def pause(self, failures: int, *, asked_for: float | None = None) -> float:
        """Say how many seconds to wait after so many failures before this one.

        `asked_for` is what the server asked to wait; its clients should not all come back at that moment.
        """
        most = self._most(failures)
        asked = min(asked_for or 0, self.longest_asked_for)
        return max(asked, most * self.fixed) + most * (1 - self.fixed) * self.chance()

    def tries(self, sleep: Callable[[float], object]) -> Iterator[int]:
        """Yield the number of each attempt, from 0 on, and pause between two."""
        for number in range(self.attempts):
            if number:
                sleep(self.pause(number - 1))
            yield number

    @property
    def longest_in_all(self) -> float:
        """The most seconds that all pauses take, unless a server asks for more."""
        return sum(self._most(number) for number in range(self.attempts - 1))

    def _most(self, failures: int) -> float:
        return min(self.first * 2.0**failures, self.longest)
