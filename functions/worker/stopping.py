"""Reads a model beside the heartbeat, until the answer has ended or its user stops it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from functions.shared.generations.claims import WriteRefused
from functions.shared.generations.failures import Failure
from functions.shared.generations.model import Outcome, Status
from functions.shared.log import Log
from functions.worker.attempts import failed_outcome

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from typing import Any

    from functions.worker.attempts import Attempts
    from functions.worker.heartbeat import Heartbeat

logger = Log(__name__)

READING_ON = 0.8
"""Seconds that a stopped stream is read on for its token counts. With the heartbeat that sees the wish to
stop, the call of the model ends within two seconds of the request."""


async def ended_or_stopped(
    reading: Coroutine[Any, Any, Outcome], heartbeat: Heartbeat, attempts: Attempts
) -> Outcome:
    """Return how the answer ended: as the model did, cancelled, or failed because a write was refused.

    Raises:
        Fenced: If the generation is no longer ours.
        LeaseLost: If that cannot be known any more.
    """
    reader, keeper = asyncio.create_task(reading), asyncio.create_task(heartbeat.run())
    try:
        await asyncio.wait({reader, keeper}, return_when=asyncio.FIRST_COMPLETED)
        if reader.done():
            return reader.result()
        keeper.result()
        await read_on(reader, attempts)
        context = attempts.context.seen
        return Outcome(status=Status.CANCELLED, length=len(attempts.answer), context=context)
    except WriteRefused:
        logger.exception("a write was refused")
        return failed_outcome(attempts.answer, Failure.INTERNAL, attempts.context)
    finally:
        reader.cancel()
        heartbeat.stop()
        await asyncio.gather(reader, keeper, return_exceptions=True)


async def read_on(reader: asyncio.Task[Outcome], attempts: Attempts) -> None:
    """Wait a little for the token counts of a call that its user has stopped, and show no more of it."""
    attempts.answer.stop()
    if attempts.is_reading:
        await asyncio.wait({reader}, timeout=READING_ON)
