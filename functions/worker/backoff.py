"""How long to pause between tries: longer each time, and never in step with other workers."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Backoff:
    """Pauses that double from `first` up to `longest` seconds, each made up to twice as long by chance.

    The lower half is fixed: pauses that may be nothing do not grow, and a server that is down gets no rest.
    """

    first: float = 0.5
    longest: float = 8
    chance: Callable[[], float] = random.random

    def pause(self, failures: int, *, asked_for: float | None = None) -> float:
        """Say how many seconds to wait after so many failures before this one.

        `asked_for` is what the server asked to wait; its clients should not all come back at that moment.
        """
        least = min(self.first * 2.0**failures, self.longest)
        jitter = least * self.chance()
        return max(asked_for or 0, least) + jitter
