"""Looks whether a generation is worked on, a while after it was accepted, and queues it again if it is lost.

A reminder stays until the end was told: each one that is not done comes back after its queue's time-out,
which is about a lease. So something looks after an accepted prompt, whatever becomes of its messages.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from functions.shared.deletion_message import deletion_from
from functions.shared.generations.model import Status
from functions.shared.log import Log
from functions.shared.log_context import about, note
from functions.shared.queue_message import generation_id_from

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from functions.generate.ports import Archive, Deletions, Requeue

logger = Log(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminders:
    """Sees that what was accepted comes to an end."""

    archive: Archive
    queueing: Requeue
    deletions: Deletions
    count_waiting: Callable[[], None]
    """Counts a look at a prompt that no worker has begun yet."""

    def again(self, records: list[dict[str, Any]], *, now: datetime) -> list[str]:
        """Look at a batch of Lambda's SQS event. Returns the ids of the reminders that must come back."""
        return [record["messageId"] for record in records if not self._is_done(record, now=now)]

    def _is_done(self, record: dict[str, Any], *, now: datetime) -> bool:
        """Look at one. What goes wrong with it is not the others' business."""
        with about(message_id=record["messageId"]):
            try:
                if deletion := deletion_from(record["body"]):
                    return self.deletions.look(deletion, now=now)
                return self._has_ended(generation_id_from(record["body"]), now=now)
            except Exception:
                logger.exception("a reminder could not be looked at")
                return False

    def _has_ended(self, generation_id: str, *, now: datetime) -> bool:
        generation = self.archive.find(generation_id, now=now)
        if generation is None or generation.announced or generation.waits:
            return True
        note(**generation.ids)
        if generation.status is Status.QUEUED:
            self.count_waiting()
        if generation.lease_until is None or generation.lease_until < now:
            self.queueing.requeue(generation_id, now=now)
        return False
