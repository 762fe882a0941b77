"""Ends the wait for a stream that has fallen silent, at a deadline that each token moves on."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from functions.worker.reading import Reading


@dataclass(slots=True)
class Silence:
    """Watches one stream: a timer looks once the deadline that it knew is over; no token has to move it."""

    reading: Reading
    limit: asyncio.Timeout
    _timer: asyncio.TimerHandle | None = None

    def watch(self) -> None:
        """See to it that the deadline is noticed, also if it comes earlier than before."""
        deadline = self.reading.deadline
        if self._timer is None or deadline < self._timer.when():
            self.stop()
            self._timer = asyncio.get_running_loop().call_at(deadline, self._look)

    def stop(self) -> None:
        """Watch no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self) -> None:
        self._timer = None
        now = asyncio.get_running_loop().time()
        if self.reading.deadline <= now:
            self.limit.reschedule(now)
        else:
            self.watch()


@asynccontextmanager
async def watched(reading: Reading) -> AsyncIterator[Silence]:
    """Let silence end what is done within.

    Raises:
        TimeoutError: If it did.
    """
    async with asyncio.timeout(None) as limit:
        silence = Silence(reading, limit)
        silence.watch()
        try:
            yield silence
        finally:
            silence.stop()
