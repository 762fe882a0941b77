"""A message of the queue, as SQS delivers it: at least once, perhaps to two workers at the same time."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

from functions.shared.errors import Unavailable
from functions.shared.log import Log
from functions.shared.queue_message import sent_at

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from functions.shared.queue_message import ReceivedMessage
    from functions.worker.ports import Queue

logger = Log(__name__)


class Disposition(Enum):
    """What becomes of a message."""

    ACK = "done"
    """Nothing is left to do: the queue deletes it."""
    RETRY = "again"
    """It comes back when it becomes visible, or goes to the dead letters if it came too often."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One delivery of one message. If the queue does not answer, the work goes on all the same."""

    message_id: str
    receipt_handle: str
    body: str = field(repr=False)
    receive_count: int
    queue: Queue
    sent_at: datetime | None = None
    """When the queue took it."""
    comes_back_at: datetime | None = None
    """When it becomes visible again, if that was said as it was received."""

    async def extend_visibility(self, duration: timedelta) -> bool:
        """Let the message come back after this time, unless it is deleted. Returns whether it will."""
        try:
            await asyncio.to_thread(self.queue.change_visibility, self.receipt_handle, duration)
        except Unavailable as error:
            self._warn("the message could not be made invisible", error)
            return False
        return True

    async def delete(self) -> None:
        """Delete the message now. What stays is deleted by Lambda when the whole batch is done."""
        try:
            await asyncio.to_thread(self.queue.delete, self.receipt_handle)
        except Unavailable as error:
            self._warn("the message could not be deleted", error)

    def _warn(self, message: str, error: Unavailable) -> None:
        logger.warning(message, reason=error.reason)


def delivery_from(record: dict[str, Any], queue: Queue) -> Delivery:
    """Read a record of Lambda's SQS event."""
    return Delivery(
        message_id=record["messageId"],
        receipt_handle=record["receiptHandle"],
        body=record["body"],
        receive_count=int(record["attributes"]["ApproximateReceiveCount"]),
        queue=queue,
        sent_at=sent_at(record["attributes"].get("SentTimestamp")),
    )


def delivery_of(message: ReceivedMessage, queue: Queue, *, comes_back_at: datetime | None = None) -> Delivery:
    """Read a message that the worker received itself."""
    return Delivery(
        message_id=message.message_id,
        receipt_handle=message.receipt_handle,
        body=message.body,
        receive_count=message.receive_count,
        queue=queue,
        sent_at=message.sent_at,
        comes_back_at=comes_back_at,
    )
