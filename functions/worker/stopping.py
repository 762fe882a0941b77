"""Reads a model beside the heartbeat, until the answer has ended or its user stops it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from functions.shared.generations.claims import WriteRefused
from functions.shared.generations.failures import Failure
from functions.shared.generations.model import Outcome, Status
from functions.shared.log import Log
from functions.worker.model_calls import failed_outcome

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from typing import Any

    from functions.worker.heartbeat import Heartbeat
    from functions.worker.model_calls import ModelCalls

logger = Log(__name__)

READING_ON = 0.8
"""Seconds that a stopped stream is read on for its token counts. With the heartbeat that sees the wish to
stop, the call of the model ends within two seconds of the request."""


async def ended_or_stopped(
    reading: Coroutine[Any, Any, Outcome], heartbeat: Heartbeat, calls: ModelCalls
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
        await read_on(reader, calls)
        context = calls.context.seen
        return Outcome(status=Status.CANCELLED, length=len(calls.answer), context=context)
    except WriteRefused:
        logger.exception("a write was refused")
        return failed_outcome(calls.answer, Failure.INTERNAL, calls.context)
    finally:
        reader.cancel()
        heartbeat.stop()
        await asyncio.gather(reader, keeper, return_exceptions=True)


async def read_on(reader: asyncio.Task[Outcome], calls: ModelCalls) -> None:
    """Wait a little for the token counts of a call that its user has stopped, and show no more of it."""
    calls.answer.stop()
    if calls.is_reading:
        await asyncio.wait({reader}, timeout=READING_ON)
