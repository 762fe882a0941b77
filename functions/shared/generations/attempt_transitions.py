"""How attempts change their generations while they work on them (see `transitions`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions.shared.dynamodb import Item, generation_key, n, s
from functions.shared.generations.claims import Claim, Fenced
from functions.shared.generations.conditional_update import ConditionalWrites, Write, writing
from functions.shared.generations.items import generation_from
from functions.shared.generations.model import Generation, Status
from functions.shared.generations.transition_conditions import EXISTS, LEASE_OVER, OURS, QUEUED, TRUE, fence
from functions.shared.times import epoch_milliseconds

if TYPE_CHECKING:
    from datetime import datetime


class AttemptTransitions(ConditionalWrites):
    """What attempts change. All raise Unavailable in an outage, and WriteRefused if the write is wrong."""

    __slots__ = ()

    def claim(
        self,
        generation_id: str,
        *,
        owner: str,
        message_id: str,
        lease_until: datetime,
        max_attempts: int,
        now: datetime,
    ) -> Claim | None:
        """Queued, or processing with its lease over -> processing, as the next attempt.

        Only while fewer than `max_attempts` were made. A claim whose reply was lost is found again by its
        owner's name.

        Returns the generation, and whether it is ours; None if there is no such generation.
        """
        claimed = self._update(
            generation_id,
            "SET #status = :processing, attempt = attempt + :one, "
            "lease_until = :lease, #owner = :owner, message_id = :message",
            f"({QUEUED} OR {LEASE_OVER}) AND attempt < :max",
            {
                ":queued": s(Status.QUEUED),
                ":processing": s(Status.PROCESSING),
                ":now": n(epoch_milliseconds(now)),
                ":one": n(1),
                ":lease": n(epoch_milliseconds(lease_until)),
                ":owner": s(owner),
                ":message": s(message_id),
                ":max": n(max_attempts),
            },
        )
        generation = claimed.generation
        if generation is None:
            return None
        is_known = generation.status is Status.PROCESSING and generation.owner == owner
        return Claim(generation, is_ours=claimed.is_made or is_known)

    def beat(self, generation_id: str, attempt: int, *, lease_until: datetime) -> bool:
        """Processing, this attempt -> the same: renew the lease. Returns whether the user wants to stop.

        Raises:
            Fenced: If the generation is another attempt's, or has ended.
        """
        lease = {":lease": n(epoch_milliseconds(lease_until))}
        return self._write(generation_id, attempt, "SET lease_until = :lease", lease).cancel_requested

    def look(self, generation_id: str, attempt: int) -> bool:
        """Change nothing, where a beat need not renew the lease: a read costs a fifth of a write.

        Returns whether the user wants to stop.

        Raises:
            Fenced: If the generation is another attempt's, or has ended.
        """
        key = generation_key(generation_id)
        with writing():
            reply = self.client.get_item(TableName=self.table, Key=key, ConsistentRead=True)
        generation = generation_from(reply["Item"]) if "Item" in reply else None
        if generation is None or (generation.status, generation.attempt) != (Status.PROCESSING, attempt):
            raise Fenced(generation)
        return generation.cancel_requested

    def restart(self, generation: Generation, attempt: int) -> int:
        """Processing, this attempt -> the next attempt, by the same worker. Returns its number.

        Raises:
            Fenced: If the generation is another attempt's, or has ended.
        """
        following = attempt + 1
        ours = (Status.PROCESSING, following, generation.owner)
        try:
            self._write(generation.generation_id, attempt, "SET attempt = :next", {":next": n(following)})
        except Fenced as fenced:
            found = fenced.found
            # Our own write, if the SDK repeated it because the reply was lost: no other claim has this owner.
            if found is None or (found.status, found.attempt, found.owner) != ours:
                raise
        return following

    def release(self, generation_id: str, attempt: int) -> None:
        """Processing, this attempt -> the same: end the lease, so that the next delivery is the next attempt.

        Raises:
            Fenced: If the generation is another attempt's, or has ended.
        """
        self._write(generation_id, attempt, "SET lease_until = :never", {":never": n(0)})

    def note_announced(self, generation_id: str) -> None:
        """Any -> the same: note that the end was told to the connections that were open.

        Raises:
            Fenced: If there is no such generation any more.
        """
        if not self._update(generation_id, "SET announced = :true", EXISTS, TRUE).is_made:
            raise Fenced(None)

    def _write(self, generation_id: str, attempt: int, update: str, values: Item) -> Generation:
        written = self._update(generation_id, update, OURS, values | fence(attempt))
        generation = written.generation
        if generation is None or not written.is_made:
            raise Fenced(generation)
        return generation

    def _update(self, generation_id: str, update: str, condition: str, values: Item) -> Write:
        with writing():
            return super()._update(generation_id, update, condition, values)
