"""How users' requests change generations, where nothing else changes with them (see `transitions`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions.shared.dynamodb import n, s
from functions.shared.generations.conditional_update import ConditionalWrites
from functions.shared.generations.model import PICKED_UP_WITHIN, Status
from functions.shared.generations.transition_conditions import (
    ASK_TO_STOP,
    BOTH,
    EXISTS,
    TRUE,
    UNDER_WAY,
)
from functions.shared.times import epoch_milliseconds

if TYPE_CHECKING:
    from datetime import datetime


class SubmissionTransitions(ConditionalWrites):
    """What users' requests change. An outage is raised as the SDK tells it (see `aws.outages`)."""

    __slots__ = ()

    def requeue(self, generation_id: str, *, now: datetime) -> bool:
        """Any whose end was not told -> the same: note that a message is sent again.

        Returns False if one was so lately, or the end was told.
        """
        lately = n(epoch_milliseconds(now - PICKED_UP_WITHIN))
        return self._update(
            generation_id,
            "SET requeued_at = :now",
            f"{EXISTS} AND attribute_not_exists(announced) AND attribute_not_exists(waits) AND "
            "(attribute_not_exists(requeued_at) OR requeued_at < :lately)",
            {":now": n(epoch_milliseconds(now)), ":lately": lately},
        ).is_made

    def note_queued(self, generation_id: str, *, now: datetime) -> None:
        """Any -> the same: note that the queue has confirmed a message. What is gone stays gone."""
        self._update(generation_id, "SET queued_at = :now", EXISTS, {":now": n(epoch_milliseconds(now))})

    def note_unqueued(self, generation_id: str) -> None:
        """Queued -> the same: note that what left its chat's queue has no message that was confirmed."""
        queued = {":queued": s(Status.QUEUED)}
        self._update(generation_id, "REMOVE queued_at", "#status = :queued", queued)

    def request_cancel(self, generation_id: str) -> bool:
        """Queued, processing -> the same: ask the worker to stop, when it begins or with its next heartbeat.

        Returns False if it has ended.
        """
        return self._update(generation_id, ASK_TO_STOP, UNDER_WAY, TRUE | BOTH).is_made

    def delete(self, generation_id: str, *, is_ended: bool) -> None:
        """Any -> the same: let it look like none, because its chat was deleted.

        The end of one that has ended is nobody's business any more. What is gone stays gone.
        """
        announced = ", announced = :true" if is_ended else ""
        self._update(generation_id, f"SET deleted = :true{announced}", EXISTS, TRUE)
