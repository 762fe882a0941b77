"""The dead-letter queue, read from end to end without taking anything away.

SQS cannot be read like a list: who receives a message hides it from everybody for a while. So a walk receives
page after page, hides what it has seen for long enough not to see it twice, and at its end puts everything
back that was not deleted.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef

PAGE = 10
"""The most that SQS gives, or takes, in one call."""
PATIENCE = timedelta(seconds=1)
"""Without it SQS asks only some of its servers, and may miss messages."""
HIDDEN = timedelta(minutes=10)
"""How long a walk may take; should it be killed, its messages come back by themselves after this time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueMessage:
    """One dead letter."""

    message_id: str
    receipt_handle: str = field(repr=False)
    body: str = field(repr=False)
    sent_at: datetime
    receive_count: int
    """How often it was received since it was sent, walks like this one included."""


@dataclass(frozen=True, slots=True)
class DeadLetters:
    """The queue, while a command reads through it."""

    client: SQSClient
    url: str
    _held: dict[str, str] = field(default_factory=dict, init=False, repr=False)
    """Receipt handles by message id."""

    def __iter__(self) -> Iterator[QueueMessage]:
        """Walk through all messages, each one once."""
        met: set[str] = set()
        while page := self._page():
            fresh = [letter for letter in page if letter.message_id not in met]
            if not fresh:
                return  # Only messages that came back because the walk took too long.
            met |= {letter.message_id for letter in fresh}
            yield from fresh

    def about(self) -> int:
        """Say how many there are, as nearly as SQS knows."""
        reply = self.client.get_queue_attributes(
            QueueUrl=self.url, AttributeNames=["ApproximateNumberOfMessages"]
        )
        return int(reply["Attributes"]["ApproximateNumberOfMessages"])

    def delete(self, letter: QueueMessage) -> None:
        """Take a letter away for good."""
        self.client.delete_message(QueueUrl=self.url, ReceiptHandle=letter.receipt_handle)
        del self._held[letter.message_id]

    def put_back(self) -> None:
        """Show everybody again what is left. What SQS does not take back returns by itself."""
        handles = list(self._held.values())
        for start in range(0, len(handles), PAGE):
            self.client.change_message_visibility_batch(
                QueueUrl=self.url,
                Entries=[
                    {"Id": str(number), "ReceiptHandle": handle, "VisibilityTimeout": 0}
                    for number, handle in enumerate(handles[start : start + PAGE])
                ],
            )
        self._held.clear()

    def _page(self) -> list[QueueMessage]:
        reply = self.client.receive_message(
            QueueUrl=self.url,
            MaxNumberOfMessages=PAGE,
            VisibilityTimeout=int(HIDDEN.total_seconds()),
            WaitTimeSeconds=int(PATIENCE.total_seconds()),
            MessageSystemAttributeNames=["SentTimestamp", "ApproximateReceiveCount"],
        )
        messages = [_letter_from(message) for message in reply.get("Messages", [])]
        self._held.update({letter.message_id: letter.receipt_handle for letter in messages})
        return messages


@contextmanager
def walking(client: SQSClient, url: str) -> Iterator[DeadLetters]:
    """Open the queue for a walk, and put everything back that is left afterwards, whatever happens."""
    messages = DeadLetters(client, url)
    try:
        yield messages
    finally:
        messages.put_back()


def _letter_from(message: MessageTypeDef) -> QueueMessage:
    attributes = message["Attributes"]
    return QueueMessage(
        message_id=message["MessageId"],
        receipt_handle=message["ReceiptHandle"],
        body=message["Body"],
        sent_at=datetime.fromtimestamp(int(attributes["SentTimestamp"]) / 1000, UTC),
        receive_count=int(attributes["ApproximateReceiveCount"]),
    )
