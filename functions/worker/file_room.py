"""Bounds what the files of all answers that a worker makes take of its memory. Pure but for waiting.

An answer takes room for all of its files at once, before any is read, and keeps it until the task that makes
it has ended. Those that must wait get it in their order; none holds room meanwhile, so none waits for ever.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from functions.shared.log import Log

logger = Log(__name__)

MB = 1024 * 1024
SHARE = 10
"""Of a worker's memory: a file is there as it is, in base64, and for a moment twice more, as a request."""


@dataclass(slots=True)
class FileRoom:
    """The room for files in one worker."""

    size: int
    """Bytes."""
    _taken: int = 0
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _freed: asyncio.Event = field(default_factory=asyncio.Event)

    async def take(self, size: int, until_end_of: asyncio.Task[object]) -> None:
        """Wait until there is room, and take it until a task has ended. What is larger than all takes all."""
        size = min(size, self.size)
        async with self._turn:
            if self._taken + size > self.size:
                logger.info("files wait for memory", size=size, taken=self._taken)
            while self._taken + size > self.size:
                self._freed.clear()
                await self._freed.wait()
            self._taken += size
        until_end_of.add_done_callback(lambda _: self._give_back(size))

    def _give_back(self, size: int) -> None:
        self._taken -= size
        self._freed.set()


def file_room(worker_files_mb: int, *, memory_mb: int) -> FileRoom:
    """Make the room that a deployment has chosen, or else a share of the worker's memory."""
    return FileRoom((worker_files_mb or memory_mb // SHARE) * MB)
