"""Receives messages for a worker that is busy anyway, in a thread of its own: a poll is mostly waiting."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from functions.worker.delivery import Delivery, delivery_of
from functions.worker.intake import POLL
from functions.worker.lease import AFTER_THE_LEASE, now

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from functions.worker.ports import Queue
    from functions.worker.settings import WorkerOptions


def _thread() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, thread_name_prefix="poll")


@dataclass(frozen=True, slots=True, kw_only=True)
class Polls:
    """Polls the queue, one poll at a time."""

    queue: Queue
    options: WorkerOptions
    clock: Callable[[], datetime] = now
    _executor: ThreadPoolExecutor = field(default_factory=_thread)

    async def __call__(self, most: int) -> list[Delivery]:
        """Wait for messages.

        They are hidden from the start, and not only once the worker has said so: a lease after a worker is
        killed that has received a message, the next one has it.

        Raises:
            Unavailable: If the queue did not answer.
        """
        hidden_for = self.options.lease + AFTER_THE_LEASE
        poll = partial(self.queue.receive, most, wait=POLL, hidden_for=hidden_for)
        messages = await asyncio.get_running_loop().run_in_executor(self._executor, poll)
        comes_back_at = self.clock() + hidden_for
        return [delivery_of(message, self.queue, comes_back_at=comes_back_at) for message in messages]
