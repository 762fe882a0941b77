"""Sends a generation's id to the queue twice: now, and as a delayed reminder."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from functions.shared import aws

if TYPE_CHECKING:
    from functions.shared.queue import Queue

REMINDER = timedelta(seconds=35)
"""A lease plus slack: most answers are finished by then, and a worker that died while importing has never
extended its message."""


@dataclass(frozen=True, slots=True)
class ReminderQueue:
    """Sends, and tells a fault of SQS as Unavailable."""

    queue: Queue

    def send(self, generation_id: str) -> None:
        """Queue a generation, and a reminder of it.

        A worker that is killed before it can say how long its message should be hidden leaves it hidden for
        the queue's time-out, more than an hour. The reminder brings the generation to another one by then. It
        comes second, so that a generation which could not be queued is not made later all the same.

        Raises:
            Unavailable: If SQS did not confirm that it has the message.
        """
        with aws.outages():
            self.queue.send(generation_id)
        with suppress(BotoCoreError, ClientError):
            self.queue.send(generation_id, after=REMINDER)
