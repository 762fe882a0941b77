"""The queue between accepting a prompt and answering it; `queue_message` says what a message holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from functions.shared import aws
from functions.shared.queue_message import ReceivedMessage, message_of, sent_at

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

LONGEST_VISIBILITY_TIMEOUT = 43_200  # seconds, the most that SQS takes


@dataclass(frozen=True, slots=True)
class Queue:
    """One SQS queue."""

    client: SQSClient
    url: str

    def send(self, generation_id: str, *, after: timedelta = timedelta()) -> None:
        """Ask for a generation to be worked on, now or after at most 15 minutes."""
        self.send_body(message_of(generation_id), after=after)

    def send_body(self, body: str, *, after: timedelta) -> None:
        """Send a message, to be received after at most 15 minutes."""
        self.client.send_message(
            QueueUrl=self.url, MessageBody=body, DelaySeconds=round(after.total_seconds())
        )

    def receive(self, most: int, *, wait: int, hidden_for: timedelta) -> list[ReceivedMessage]:
        """Wait so many seconds for messages, at most ten, and hide them from others for that long.

        Raises:
            Unavailable: If the queue did not answer.
        """
        with aws.outages():
            reply = self.client.receive_message(
                QueueUrl=self.url,
                MaxNumberOfMessages=most,
                WaitTimeSeconds=wait,
                VisibilityTimeout=round(hidden_for.total_seconds()),
                MessageSystemAttributeNames=["ApproximateReceiveCount", "SentTimestamp"],
            )
        return [
            ReceivedMessage(
                message_id=message["MessageId"],
                receipt_handle=message["ReceiptHandle"],
                body=message["Body"],
                receive_count=int(message["Attributes"]["ApproximateReceiveCount"]),
                sent_at=sent_at(message["Attributes"].get("SentTimestamp")),
            )
            for message in reply.get("Messages", [])
        ]

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
