"""The queue, for a caller who wants to know whether a message was taken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from functions.shared import aws

if TYPE_CHECKING:
    from functions.shared.sqs import Queue


@dataclass(frozen=True, slots=True)
class Outbox:
    """Sends, and tells a fault of SQS as Unavailable."""

    queue: Queue

    def send(self, generation_id: str) -> None:
        """Queue a generation.

        Raises:
            Unavailable: If SQS did not confirm that it has the message.
        """
        with aws.outages():
            self.queue.send(generation_id)
