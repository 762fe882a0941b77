"""Sends reminders of deletions, to the queue that brings prompts to mind, too."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from functions.shared import aws
from functions.shared.deletion_message import DeletionReminder, message_of

if TYPE_CHECKING:
    from functions.shared.deletion_message import Deletion
    from functions.shared.queue import Queue

SOON = timedelta(seconds=35)
"""Longer than the request may last that deletes."""
LAST = timedelta(minutes=15)
"""As long as any worker may run, and the longest that SQS takes."""


@dataclass(frozen=True, slots=True)
class DeletionQueue:
    """Sends, and tells a fault of SQS as Unavailable."""

    reminders: Queue

    def remind(self, deletion: Deletion, *, is_last: bool) -> None:
        """Bring a deletion to mind that may be cut off; the last time, when no worker of before is left.

        Raises:
            Unavailable: If SQS did not confirm that it has the message.
        """
        body = message_of(DeletionReminder(deletion, is_last))
        with aws.outages():
            self.reminders.send_body(body, after=LAST if is_last else SOON)
