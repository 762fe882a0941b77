"""Lets text gather between frames: a stream is read at the ticks of a clock, and not once for each token.

To be woken up costs more than to read what has come, and a frame takes along whatever came since the last.
All streams of a worker are read at the same ticks, so that one wake-up serves them all. What comes meanwhile
waits in the socket, whose buffer has a bound. The end of an answer is seen a tick late at most.

Frames that are due are sent just after a tick.
"""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import aiohttp

    from functions.worker.settings import WorkerOptions

LONGEST = 0.05
"""Seconds between two ticks."""
TICKS = 2
"""In the shortest pause between two frames, at least."""
READING = 0.005
"""Seconds in which all streams have been read after a tick."""


def tick_of(options: WorkerOptions) -> float:
    """Return the seconds between two ticks: an even part of the shortest pause between two frames."""
    shortest = min(options.first_frame_interval_milliseconds, options.frame_interval_milliseconds) / 1000
    return shortest / max(math.ceil(shortest / LONGEST), TICKS)


def with_others(due: float, tick: float) -> float:
    """Return the moment nearest to this time at which frames are sent: just after a tick, when all is read.

    So one wake-up serves all senders, too, and what they send is new.
    """
    return (round((due - READING) / tick) * tick + READING) if tick else due


async def gather(response: aiohttp.ClientResponse, tick: float) -> None:
    """Read nothing until the next tick; a response that has ended already has nothing to wait for."""
    transport = response.connection.transport if response.connection else None
    if not tick or transport is None:
        return
    transport.pause_reading()
    await asyncio.sleep(tick - asyncio.get_running_loop().time() % tick)
    transport.resume_reading()
