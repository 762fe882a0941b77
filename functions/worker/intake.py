"""Takes work for as long as there is work: what Lambda hands over, and what this worker receives meanwhile.

Lambda hands over what one look at the queue found, which under a trickle is one message, and the environment
is then busy until that answer ends. So a worker that is busy anyway receives from the queue itself:

    handed over ──▶ being worked on ◀── received, while there is room and time
                          │
                          ▼
                   nothing is left: the invocation ends

A poll is never aborted. SQS would answer it all the same, and hide the messages of that answer for a lease.
It is short instead, so that a worker without work waits for a second at most.
"""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from functions.shared.errors import Unavailable
from functions.shared.log import Log

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

    from functions.worker.delivery import Delivery, Disposition
    from functions.worker.ports import Receive, Room

logger = Log(__name__)

POLL = 1
"""Seconds that one look at an empty queue takes."""
MOST_AT_ONCE = 10
"""Messages that SQS gives at once."""
LOOK_AGAIN = 0.1
"""Seconds after which a worker that had no room looks whether it has some."""


def takes_for(longest: float) -> float:
    """Return for how many seconds an invocation takes work that could do so for the longest time.

    Workers that began together must not stop together: while they end what they have, Lambda may be allowed
    to start no others.
    """
    return longest * random.uniform(0.5, 1)  # noqa: S311  spreads workers, is no secret


@dataclass(slots=True, kw_only=True)
class Intake:
    """What one invocation works on. Each message that it received itself must be deleted by `work`."""

    work: Callable[[Delivery], Coroutine[None, None, Disposition]]
    receive: Receive
    room: Room
    _working: set[asyncio.Task[Disposition]] = field(default_factory=set)

    async def run(self, handed_over: Sequence[Delivery], *, until: float) -> list[Disposition]:
        """Work on these messages, and on all that are received until then, on the event loop's clock.

        Returns the outcome of those that were handed over, and of no other: the mapping that asks for it
        would take the name of a message that it does not know as a failure of all.
        """
        tasks = [self._start(delivery) for delivery in handed_over]
        while self._working and asyncio.get_running_loop().time() < until:
            most = min(self.room.left(len(self._working)), MOST_AT_ONCE)
            if most > 0:
                for delivery in await self._received(most):
                    self._start(delivery)
            else:
                await asyncio.wait(self._working, timeout=LOOK_AGAIN, return_when=asyncio.FIRST_COMPLETED)
        while self._working:
            await asyncio.wait(self._working)
        return [task.result() for task in tasks]

    def _start(self, delivery: Delivery) -> asyncio.Task[Disposition]:
        task = asyncio.create_task(self.work(delivery))
        self._working.add(task)
        task.add_done_callback(self._working.discard)
        return task

    async def _received(self, most: int) -> list[Delivery]:
        """Poll once. A queue that does not wait, or does not answer, is not asked in a tight loop."""
        began = asyncio.get_running_loop().time()
        try:
            deliveries = await self.receive(most)
        except Unavailable as error:
            logger.warning("no messages could be received", reason=error.reason)
            deliveries = []
        if not deliveries:
            await asyncio.sleep(began + POLL - asyncio.get_running_loop().time())
        return deliveries
