"""Sends a generation's id twice: to the workers now, and to `reminders` later."""

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
"""A lease plus slack: most answers are finished by then, and a lease whose worker died at once is over."""


@dataclass(frozen=True, slots=True)
class ReminderQueue:
    """Sends, and tells a fault of SQS as Unavailable."""

    queue: Queue
    reminders: Queue

    def send(self, generation_id: str) -> None:
        """Queue a generation, and a reminder to look whether it is worked on.

        A worker that is killed before it can say how long its message should be hidden leaves it hidden for
        the queue's time-out, more than an hour. The reminder comes second, so that a generation which could
        not be queued is not made later all the same.

        Raises:
            Unavailable: If SQS did not confirm that it has the message.
        """
        self.send_again(generation_id)
        with suppress(BotoCoreError, ClientError):
            self.reminders.send(generation_id, after=REMINDER)

    def remind(self, generation_id: str) -> None:
        """Send a reminder alone, before a generation may come to need it.

        Raises:
            Unavailable: If SQS did not confirm that it has the message.
        """
        with aws.outages():
            self.reminders.send(generation_id, after=REMINDER)

    def send_again(self, generation_id: str) -> None:
        """Queue a generation that has a reminder.

        Raises:
            Unavailable: If SQS did not confirm that it has the message.
        """
        with aws.outages():
            self.queue.send(generation_id)
