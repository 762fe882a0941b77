"""A message of the queue, as SQS delivers it: at least once, perhaps to two workers at the same time."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta


class Verdict(Enum):
    """What becomes of a message."""

    DONE = "done"
    """Nothing is left to do: the queue deletes it."""
    AGAIN = "again"
    """It comes back when it becomes visible, or goes to the dead letters if it came too often."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One delivery of one message."""

    message_id: str
    receipt_handle: str
    body: str = field(repr=False)
    receive_count: int
    hide_message: Callable[[str, timedelta], None]

    def hide(self, duration: timedelta) -> None:
        """Let the message come back after this time, if it is not deleted by then."""
        self.hide_message(self.receipt_handle, duration)


def delivery_from(record: dict[str, Any], hide_message: Callable[[str, timedelta], None]) -> Delivery:
    """Read a record of Lambda's SQS event."""
    return Delivery(
        message_id=record["messageId"],
        receipt_handle=record["receiptHandle"],
        body=record["body"],
        receive_count=int(record["attributes"]["ApproximateReceiveCount"]),
        hide_message=hide_message,
    )
