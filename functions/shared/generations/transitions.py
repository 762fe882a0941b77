"""How a generation may change: every write of its META item, each under a condition.

                submit           claim                finish
    (nothing) ─────────▶ queued ───────▶ processing ─────────▶ completed | failed | cancelled
        │                │ ▲ ▲ │          │     ▲ ▲
        │ submit  cancel │ │ │ │ withdraw └─────┘ │ beat, restart, release, request_cancel,
        ▼                ▼ │ │ │                  │ claim (the lease ran out)
    queued,      cancelled │ │ ▼
    `waits` ───────────────┘ └─failed, `withdrawn`
        │       dequeue    submit
        └────▶ cancelled
          leave

    method          from                                  to           what it writes
    submit          nothing, a record whose life is       queued       the item
                    over, or a withdrawn one; of one
                    that was withdrawn ten times, once
                    in PICKED_UP_WITHIN
    dequeue         queued, `waits`                       queued       its place in the chat, start_by,
                                                                       queued_at; takes waits away
    leave           queued, `waits`                       cancelled    announced
    withdraw        queued without `queued_at`, and       failed       withdrawn, announced
                    `requeued_at` as the caller
                    left it; withdrawn
    requeue         any without `announced` and `waits`;  same         requeued_at
                    once in PICKED_UP_WITHIN
    note_queued     any                                   same         queued_at
    note_unqueued   queued                                same         takes queued_at away
    cancel          queued, not `waits`, its place in     cancelled    how it ended
                    the chat as the caller read it
    request_cancel  queued, processing                    same         cancel_requested
    claim           queued, not `waits`; processing       processing   attempt + 1, lease_until, owner,
                    with its lease over. Fewer attempts                message_id
                    than `max_attempts`
    beat            processing, this attempt              same         lease_until
    look            processing, this attempt              same         nothing
    restart         processing, this attempt              same         attempt + 1
    release         processing, this attempt              same         lease_until = 0
    finish          processing, this attempt              final        how it ended
    note_announced  any                                   same         announced
    delete          any                                   same         deleted; announced, if it has ended

What also changes a chat or a budget is one entry of a transaction: the functions here give it, and
`functions.shared.chats` makes the transaction. All else is a write of its own: the methods.

- `attempt` only grows, with each claim and restart, and what a worker writes while it works names its own.
  One that was frozen and comes back names an old attempt, and DynamoDB refuses it.
- An end is written once. Only `submit` leaves a final status, and only that of a generation that was
  withdrawn: its user was told 503, not that it has ended. Its hold and its place in the chat were given back,
  so a message of it that comes late is of no use.
- A lost reply is harmless. The SDK repeats the write and is refused; `claim`, `restart` and `finish` then see
  that the item says what they want, under their claim's name (`owner`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions.shared.dynamodb import Item, generation_key, n, s
from functions.shared.generations.claims import Claim, Fenced
from functions.shared.generations.conditional_update import ConditionalWrites, Write, setting, writing
from functions.shared.generations.failures import Failure
from functions.shared.generations.model import PICKED_UP_WITHIN, Generation, Outcome, Status
from functions.shared.generations.outcomes import attributes_of
from functions.shared.generations.reader import generation_from, item_of
from functions.shared.times import epoch_milliseconds, epoch_seconds
from functions.shared.transactions import Entry, put, update

if TYPE_CHECKING:
    from datetime import datetime

NAME = "generation"
"""Names the entry of the generation that a transaction is about."""
EXISTS = "attribute_exists(#status)"
WITHDRAWN = "attribute_exists(withdrawn)"
WAITS = "attribute_exists(waits)"
QUEUED = "(#status = :queued AND attribute_not_exists(waits))"
LEASE_OVER = "(#status = :processing AND lease_until < :now)"
OURS = "#status = :processing AND attempt = :attempt"
"""The fence: what every write of an attempt names."""
UNDER_WAY = "#status = :queued OR #status = :processing"
BOTH: Item = {":queued": s(Status.QUEUED), ":processing": s(Status.PROCESSING)}
ASK_TO_STOP = "SET cancel_requested = :true"
TRUE: Item = {":true": {"BOOL": True}}


def submit(generation: Generation, *, withdrawn: Generation | None, now: datetime) -> Entry:
    """Nothing, an item whose life is over, or the one that was found withdrawn -> queued."""
    item = item_of(generation)
    if withdrawn is None:
        is_free = "attribute_not_exists(pk) OR expires_at <= :now"
        return put(NAME, item, is_free, {":now": n(epoch_seconds(now))})
    unchanged = f"{WITHDRAWN} AND created_at = :created"
    return put(NAME, item, unchanged, {":created": n(epoch_milliseconds(withdrawn.created_at))})


def dequeue(waiting: Generation, *, now: datetime) -> Entry:
    """Queued, waits -> queued, at its place in the chat. Its time to begin runs from now on."""
    start_by = now + (waiting.start_by - waiting.created_at)
    return update(
        "dequeued",
        generation_key(waiting.generation_id),
        "SET prompt_number = :number, parent_id = :parent, chat_version = :version, "
        "start_by = :start_by, queued_at = :now REMOVE waits",
        WAITS,
        {
            ":number": n(waiting.prompt_number),
            ":parent": s(waiting.parent_id),
            ":version": n(waiting.chat_version),
            ":start_by": n(epoch_milliseconds(start_by)),
            ":now": n(epoch_milliseconds(now)),
        },
    )


def leave(generation_id: str) -> Entry:
    """Queued, waits -> cancelled, without a trace in the chat."""
    ended, values = setting(attributes_of(Outcome(status=Status.CANCELLED, length=0)) | _flags("announced"))
    return update(NAME, generation_key(generation_id), ended + " REMOVE waits", WAITS, values)


def withdraw(generation: Generation) -> Entry:
    """Queued, with no message but the caller's, or withdrawn already -> failed, withdrawn.

    `requeued_at` is as the caller left it: as soon as another request was allowed to send, it differs. That
    one's message may have been promised, and the first request's own message, once confirmed, is noted
    nowhere else.
    """
    outcome = Outcome(status=Status.FAILED, length=0, failure=Failure.INTERNAL)
    ended, values = setting(attributes_of(outcome) | _flags("withdrawn", "announced"))
    values |= {":queued": s(Status.QUEUED)}
    only_ours = "attribute_not_exists(requeued_at)"
    if generation.requeued_at is not None:
        only_ours = "requeued_at = :reopened"
        values |= {":reopened": n(epoch_milliseconds(generation.requeued_at))}
    condition = f"#status = :queued AND attribute_not_exists(queued_at) AND {only_ours}"
    return update(NAME, generation_key(generation.generation_id), ended, condition, values)


def cancel(generation: Generation, outcome: Outcome, number: int, following: str) -> Entry:
    """Queued, at the place in its chat where it was read -> cancelled, before any worker has begun.

    One that was read while it waited, and was let out since, is the chat's business by now.
    """
    ended, values = setting(attributes_of(outcome) | _in_chat(number, following))
    values |= {":queued": s(Status.QUEUED)}
    placed = "attribute_not_exists(prompt_number)"
    if generation.prompt_number:
        placed = "prompt_number = :placed"
        values |= {":placed": n(generation.prompt_number)}
    return update(NAME, generation_key(generation.generation_id), ended, f"{QUEUED} AND {placed}", values)


def interrupt(generation_id: str) -> Entry:
    """As `request_cancel`, to make room for another."""
    return update("interrupted", generation_key(generation_id), ASK_TO_STOP, UNDER_WAY, TRUE | BOTH)


def finish(generation_id: str, attempt: int, outcome: Outcome, number: int, following: str) -> Entry:
    """Processing, this attempt -> completed, failed or cancelled; the second to say so is refused."""
    ended, values = setting(attributes_of(outcome) | _in_chat(number, following))
    return update(NAME, generation_key(generation_id), ended, OURS, values | _fence(attempt))


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
        written = self._update(generation_id, update, OURS, values | _fence(attempt))
        generation = written.generation
        if generation is None or not written.is_made:
            raise Fenced(generation)
        return generation

    def _update(self, generation_id: str, update: str, condition: str, values: Item) -> Write:
        with writing():
            return super()._update(generation_id, update, condition, values)


def _fence(attempt: int) -> Item:
    return {":processing": s(Status.PROCESSING), ":attempt": n(attempt)}


def _flags(*names: str) -> Item:
    return {name: {"BOOL": True} for name in names}


def _in_chat(number: int, following: str) -> Item:
    """Say what an end made of its chat: the number of the answer, and what has its turn now."""
    return {
        **({"number": n(number)} if number else {}),
        **({"following": s(following)} if following else {}),
    }
