"""The simulated clock: what is due next happens next, and takes no time of ours."""

from __future__ import annotations

from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(slots=True)
class Timeline:
    """Everything that will happen, by its time; at the same time, in the order of planning."""

    now: float = 0
    _planned: list[tuple[float, int, Callable[[], None]]] = field(default_factory=list)
    _number: int = 0

    def at(self, time: float, action: Callable[[], None]) -> None:
        """Plan something; what lies in the past happens now."""
        self._number += 1
        heappush(self._planned, (max(time, self.now), self._number, action))

    def after(self, seconds: float, action: Callable[[], None]) -> None:
        """Plan something for later."""
        self.at(self.now + seconds, action)

    def run(self, until: float = float("inf")) -> None:
        """Let everything happen that is due by then."""
        while self._planned and self._planned[0][0] <= until:
            self.now, _, action = heappop(self._planned)
            action()
