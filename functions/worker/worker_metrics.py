"""What is measured of a worker, and when everything that was measured is written: each ten seconds.

A worker may be busy for a quarter of an hour, and an alarm must not wait for its end. A line for each answer
would cost more than its measurements.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from functions.shared.metrics import Metric

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from functions.shared.measurements import Measurements
    from functions.worker.measured_posts import PostCounts

PERIOD = 10.0
"""Seconds between two lines of a busy worker."""


@dataclass(slots=True, kw_only=True)
class WorkerMetrics:
    """Measures one worker."""

    measurements: Measurements
    posts: PostCounts
    latest: Callable[[], float]
    """Gives the most that the event loop ran late since the last time, in seconds."""
    _answers: int = 0
    _most_answers: int = 0

    @contextmanager
    def answering(self) -> Iterator[None]:
        """Count an answer for as long as this lasts."""
        self._answers += 1
        self._most_answers = max(self._most_answers, self._answers)
        try:
            yield
        finally:
            self._answers -= 1

    @asynccontextmanager
    async def written(self) -> AsyncIterator[None]:
        """Write what is measured, again and again and at the end, for as long as this lasts."""
        writing = asyncio.create_task(self._write_again_and_again())
        try:
            yield
        finally:
            writing.cancel()
            await asyncio.gather(writing, return_exceptions=True)
            self.write()

    def write(self) -> None:
        """Write what was measured since the last time."""
        self.measurements.add(Metric.ACTIVE_ANSWERS, self._most_answers)
        self._most_answers = self._answers
        self.measurements.add(Metric.EVENT_LOOP_LAG, round(self.latest() * 1000))
        self.posts.report(self.measurements)
        self.measurements.flush()

    async def _write_again_and_again(self) -> None:
        while True:
            await asyncio.sleep(PERIOD)
            self.write()
