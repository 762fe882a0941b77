"""The queue between accepting a prompt and answering it. It carries ids, never prompts.

Messages of other releases may wait in it: an upgrade and a rollback both leave some. A message may get more
fields, which older workers ignore. A change that an older worker must not overlook gets a version of its own;
such a message comes back until a worker reads it that knows the version.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from functions.shared import aws

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

VERSION = 1
"""What we send."""
READABLE = (1,)
"""What we can work on: what we send, and what the release before this one sent."""
LONGEST_VISIBILITY_TIMEOUT = 43_200  # seconds, the most that SQS takes


@dataclass(frozen=True, slots=True)
class Queue:
    """One SQS queue."""

    client: SQSClient
    url: str

    def send(self, generation_id: str, *, after: timedelta = timedelta()) -> None:
        """Ask for a generation to be worked on, now or after at most 15 minutes."""
        self.client.send_message(
            QueueUrl=self.url,
            MessageBody=json.dumps({"version": VERSION, "generation_id": generation_id}),
            DelaySeconds=round(after.total_seconds()),
        )

    def change_visibility(self, receipt_handle: str, duration: timedelta) -> None:
        """Keep a message invisible for so long from now on, whatever was said before.

        Raises:
            Unavailable: If the queue did not confirm it.
        """
        seconds = min(max(round(duration.total_seconds()), 0), LONGEST_VISIBILITY_TIMEOUT)
        with aws.outages():
            self.client.change_message_visibility(
                QueueUrl=self.url, ReceiptHandle=receipt_handle, VisibilityTimeout=seconds
            )

    def delete(self, receipt_handle: str) -> None:
        """Delete a message for good.

        Raises:
            Unavailable: If the queue did not confirm it.
        """
        with aws.outages():
            self.client.delete_message(QueueUrl=self.url, ReceiptHandle=receipt_handle)


def generation_id_from(body: str) -> str:
    """Read a message.

    Raises:
        ValueError: If this is no message of ours, or of a version that we do not know.
    """
    message = json.loads(body)
    if not isinstance(message, dict) or message.get("version") not in READABLE:
        raise ValueError("not a message of a known version")
    generation_id = message.get("generation_id")
    if not isinstance(generation_id, str) or not generation_id:
        raise ValueError("the message names no generation")
    return generation_id
