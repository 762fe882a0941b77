"""What becomes of a message: deleted when it is done, and back soon if it could not be worked on."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

from functions.shared.log import Log
from functions.shared.log_context import about
from functions.shared.retry import Retry
from functions.worker.delivery import Delivery, Disposition

if TYPE_CHECKING:
    from collections.abc import Callable

    from functions.worker.dispatch import Dispatcher

logger = Log(__name__)

SLOWEST_RETRY = timedelta(seconds=60)
HIDING = Retry(attempts=5, first=1, longest=8, fixed=0.5)
"""Attempts to reach the queue: the SDK has tried three times in each."""


async def settle(delivery: Delivery, dispatcher: Callable[[], Dispatcher], *, until: float) -> Disposition:
    """Work on one message. What goes wrong with it, the wiring included, is not the other messages' business.

    A message that is done is deleted at once: its batch may go on for minutes, it is hidden for seconds, and
    of one that the worker received itself Lambda knows nothing.
    """
    with about(message_id=delivery.message_id):
        return await _settled(delivery, dispatcher, until=until)


async def _settled(delivery: Delivery, dispatcher: Callable[[], Dispatcher], *, until: float) -> Disposition:
    try:
        disposition = await dispatcher().handle(delivery, until=until)
    except Exception:
        logger.exception("a message could not be worked on")
        await _hide(delivery, min(timedelta(seconds=2**delivery.receive_count), SLOWEST_RETRY))
        return Disposition.RETRY
    if disposition is Disposition.ACK:
        await delivery.delete()
    return disposition


async def _hide(delivery: Delivery, pause: timedelta) -> None:
    """Let a message come back soon; if the queue hears nothing of us, it does after the queue's time-out."""
    for failures in range(HIDING.attempts):
        if failures:
            await asyncio.sleep(HIDING.pause(failures - 1))
        if await delivery.extend_visibility(pause):
            return
