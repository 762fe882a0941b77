"""Lets text gather between frames: a stream is read at the ticks of a clock, and not once for each token.

To be woken up costs more than to read what has come, and a frame takes along whatever came since the last.
All streams of a worker are read at the same ticks, so that one wake-up serves them all. What comes meanwhile
waits in the socket, whose buffer has a bound. The end of an answer is seen a tick late at most.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import aiohttp

    from functions.worker.settings import WorkerOptions

LONGEST = 0.05
"""Seconds between two ticks."""
TICKS = 2
"""In the shortest pause between two frames, at least."""


def tick_of(options: WorkerOptions) -> float:
    """Return the seconds between two ticks: short beside the pauses between frames."""
    shortest = min(options.first_frame_interval_milliseconds, options.frame_interval_milliseconds)
    return min(shortest / 1000 / TICKS, LONGEST)


async def gather(response: aiohttp.ClientResponse, tick: float) -> None:
    """Read nothing until the next tick; a response that has ended already has nothing to wait for."""
    transport = response.connection.transport if response.connection else None
    if not tick or transport is None:
        return
    transport.pause_reading()
    await asyncio.sleep(tick - asyncio.get_running_loop().time() % tick)
    transport.resume_reading()
