"""How many more answers a worker can take: counted, and measured by its lateness and its memory."""

from __future__ import annotations

import asyncio
import os
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

TICK = 0.1
"""Seconds between two looks at the event loop's punctuality."""
LATE = 0.2
"""Seconds by which a loop may be late and still take work: twice the pause between two frames."""
FULL = 0.8
"""The share of its memory from which on a worker takes no more: what it has may still grow."""
PAGE = os.sysconf("SC_PAGE_SIZE")
MB = 1024 * 1024
STATM = Path("/proc/self/statm")


@dataclass(slots=True, kw_only=True)
class MeasuredRoom:
    """The room of one worker."""

    most: int
    """Answers side by side."""
    memory_used: Callable[[], float]
    """The share of the worker's memory that is in use, from 0 to 1."""
    _late: float = 0
    _latest: float = 0

    def left(self, answers: int) -> int:
        """Return how many more answers there is room for; none while the loop is late or memory is short."""
        if self._late > LATE or self.memory_used() > FULL:
            return 0
        return max(self.most - answers, 0)

    def latest(self) -> float:
        """Return the most seconds that the loop was late since this was asked last."""
        latest, self._latest = self._latest, 0
        return latest

    @asynccontextmanager
    async def measured(self) -> AsyncIterator[None]:
        """Measure how late the event loop runs, for as long as this lasts."""
        measuring = asyncio.create_task(self._measure())
        try:
            yield
        finally:
            measuring.cancel()
            await asyncio.gather(measuring, return_exceptions=True)

    async def _measure(self) -> None:
        """Note how late ticks are. A single late one, an import for instance, is soon forgotten."""
        self._late = 0
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + TICK
            await asyncio.sleep(TICK)
            late = loop.time() - due
            self._late = max(late, self._late / 2)
            self._latest = max(late, self._latest)


def memory_used(limit_mb: int) -> float:
    """Return the share of this memory that the process occupies; 0 where the system does not tell."""
    try:
        pages = int(STATM.read_text().split()[1])
    except OSError:
        return 0
    return pages * PAGE / (limit_mb * MB)
