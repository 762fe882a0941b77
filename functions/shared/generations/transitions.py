"""How a generation may change: every write of its META item, each under a condition.

                submit           claim                finish
    (nothing) ─────────▶ queued ───────▶ processing ─────────▶ completed | failed | cancelled
                         │ ▲ │            │     ▲ ▲
           cancel_queued │ │ │ withdraw   └─────┘ │ beat, restart, release, request_cancel,
                         ▼ │ │                    │ claim (the lease ran out)
                 cancelled │ │                    │
                    reopen │ ▼                    │
                         failed, `withdrawn` ─────┘ claim

    method          from                                  to           what it writes
    submit          nothing, or a record whose life       queued       the item, and the prompt
                    is over
    withdraw        queued without `queued_at`, and       failed       withdrawn, announced
                    `requeued_at` as the caller
                    left it; withdrawn
    reopen          withdrawn; ten times, then once in    queued       start_by, requeued_at, reopenings + 1;
                    PICKED_UP_WITHIN                                   takes queued_at and the end away
    requeue         any without `announced`; once in      same         requeued_at
                    PICKED_UP_WITHIN
    note_queued     any                                   same         queued_at
    cancel_queued   queued                                cancelled
    request_cancel  processing                            same         cancel_requested
    claim           queued; processing with its lease     processing   attempt + 1, lease_until, owner,
                    over; withdrawn. Fewer attempts                    message_id; takes the end away
                    than `max_attempts`
    beat            processing, this attempt              same         lease_until
    look            processing, this attempt              same         nothing
    restart         processing, this attempt              same         attempt + 1
    release         processing, this attempt              same         lease_until = 0
    finish          processing, this attempt              final        how it ended
    note_announced  any                                   same         announced

- `attempt` only grows, with each claim and restart, and what a worker writes while it works names its own.
  One that was frozen and comes back names an old attempt, and DynamoDB refuses it.
- An end is written once. Only `reopen` and `claim` leave a final status, and only that of a generation that
  was withdrawn: its user was told 503, not that it has ended.
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
from functions.shared.generations.reader import generation_from, item_of, prompt_key
from functions.shared.times import epoch_milliseconds, epoch_seconds

if TYPE_CHECKING:
    from datetime import datetime

REOPENINGS = 10
"""How often a withdrawn generation may be opened again without a pause."""
EXISTS = "attribute_exists(#status)"
WITHDRAWN = "attribute_exists(withdrawn)"
LEASE_OVER = "(#status = :processing AND lease_until < :now)"
OURS = "#status = :processing AND attempt = :attempt"
"""The fence: what every write of an attempt names."""
TRUE: Item = {":true": {"BOOL": True}}


class SubmissionTransitions(ConditionalWrites):
    """What users' requests change. An outage is raised as the SDK tells it (see `aws.outages`)."""

    __slots__ = ()

    def submit(self, generation: Generation, prompt: str, *, now: datetime) -> Generation:
        """Nothing, or an item whose life is over -> queued, with the prompt.

        The prompt goes first, under a name made of the request's hash: a repetition of the request writes
        the same again, and another request with the same id writes beside it and takes that away when it
        has lost. This saves a transaction.

        Returns the recorded generation: this one, or the one that was accepted under its id before.
        """
        expires_at = n(epoch_seconds(generation.expires_at))
        prompt_item = prompt_key(generation) | {"prompt": s(prompt), "expires_at": expires_at}
        self.client.put_item(TableName=self.table, Item=prompt_item)
        is_free = "attribute_not_exists(pk) OR expires_at <= :now"
        written = self._put(item_of(generation), is_free, {":now": n(epoch_seconds(now))})
        if written.is_made:
            return generation
        recorded = generation_from(written.item)
        if recorded.request_hash != generation.request_hash:
            self.client.delete_item(TableName=self.table, Key=prompt_key(generation))
        return recorded

    def withdraw(self, generation_id: str, *, reopened_at: datetime | None) -> bool:
        """Queued, with no message but the caller's, or withdrawn already -> failed, withdrawn.

        `reopened_at` is when the caller reopened it, None if the caller submitted it. As soon as another
        request was allowed to send, `requeued_at` differs: that one's message may have been promised, and the
        first request's own message, once confirmed, is noted nowhere else.

        Returns False if a worker has it all the same, it has ended, or the queue confirmed another's message.
        """
        outcome = Outcome(status=Status.FAILED, length=0, failure=Failure.INTERNAL)
        flags: Item = {"withdrawn": {"BOOL": True}, "announced": {"BOOL": True}}
        update, values = setting(attributes_of(outcome) | flags)
        values |= {":queued": s(Status.QUEUED)}
        only_ours = "attribute_not_exists(requeued_at)"
        if reopened_at is not None:
            only_ours = "requeued_at = :reopened"
            values |= {":reopened": n(epoch_milliseconds(reopened_at))}
        condition = f"#status = :queued AND attribute_not_exists(queued_at) AND {only_ours} OR {WITHDRAWN}"
        written = self._update(generation_id, update, condition, values)
        found = written.generation
        is_waiting = found is not None and found.status is Status.QUEUED and found.queued_at is None
        return written.is_made or is_waiting

    def reopen(self, generation_id: str, *, start_by: datetime, now: datetime) -> bool:
        """Withdrawn -> queued, where its message can be sent again. Returns whether this call did it.

        It may have been withdrawn long ago, so it gets a new deadline. A queue that takes messages and loses
        its replies must not be filled: after a few times there is a pause, as for `requeue`.
        """
        return self._update(
            generation_id,
            "SET #status = :queued, start_by = :start_by, requeued_at = :now ADD reopenings :one "
            "REMOVE withdrawn, announced, failure, text_length, queued_at",
            f"{WITHDRAWN} AND "
            "(attribute_not_exists(reopenings) OR reopenings < :most OR requeued_at < :lately)",
            {
                ":queued": s(Status.QUEUED),
                ":start_by": n(epoch_milliseconds(start_by)),
                ":one": n(1),
                ":most": n(REOPENINGS),
                **_lately(now),
            },
        ).is_made

    def requeue(self, generation_id: str, *, now: datetime) -> bool:
        """Any whose end was not told -> the same: note that a message is sent again.

        Returns False if one was so lately, or the end was told.
        """
        return self._update(
            generation_id,
            "SET requeued_at = :now",
            f"{EXISTS} AND attribute_not_exists(announced) AND "
            "(attribute_not_exists(requeued_at) OR requeued_at < :lately)",
            _lately(now),
        ).is_made

    def note_queued(self, generation_id: str, *, now: datetime) -> None:
        """Any -> the same: note that the queue has confirmed a message. What is gone stays gone."""
        self._update(generation_id, "SET queued_at = :now", EXISTS, {":now": n(epoch_milliseconds(now))})

    def cancel_queued(self, generation_id: str) -> bool:
        """Queued -> cancelled, before any worker has begun. Returns False if one has, or it has ended."""
        update, values = setting(attributes_of(Outcome(status=Status.CANCELLED, length=0)))
        return self._update(
            generation_id, update, "#status = :queued", values | {":queued": s(Status.QUEUED)}
        ).is_made

    def request_cancel(self, generation_id: str) -> bool:
        """Processing -> the same: ask the worker to stop, which it sees with its next heartbeat.

        Returns False if none has begun, or it has ended.
        """
        return self._update(
            generation_id,
            "SET cancel_requested = :true",
            "#status = :processing",
            TRUE | {":processing": s(Status.PROCESSING)},
        ).is_made


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
        """Queued, processing with its lease over, or withdrawn -> processing, as the next attempt.

        Only while fewer than `max_attempts` were made. A claim whose reply was lost is found again by its
        owner's name. A generation that was withdrawn, because its message seemed not to be taken, is
        revived: here is its message, and another request with the same key may have been told 202.

        Returns the generation, and whether it is ours; None if there is no such generation.
        """
        claimed = self._update(
            generation_id,
            "SET #status = :processing, attempt = attempt + :one, "
            "lease_until = :lease, #owner = :owner, message_id = :message "
            "REMOVE withdrawn, announced, failure, text_length",
            f"attribute_exists(pk) AND (#status = :queued OR {LEASE_OVER} OR {WITHDRAWN}) AND attempt < :max",
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

    def finish(self, generation: Generation, attempt: int, outcome: Outcome) -> None:
        """Processing, this attempt -> completed, failed or cancelled; the second to say so is refused.

        Raises:
            Fenced: If the generation is another attempt's, or has ended otherwise.
        """
        update, values = setting(attributes_of(outcome))
        try:
            self._write(generation.generation_id, attempt, update, values)
        except Fenced as fenced:
            found = fenced.found
            # Our own write, if the SDK repeated it because the reply was lost.
            if found is None or (found.outcome, found.attempt, found.owner) != (
                outcome,
                attempt,
                generation.owner,
            ):
                raise

    def note_announced(self, generation_id: str) -> None:
        """Any -> the same: note that the end was told to the connections that were open.

        Raises:
            Fenced: If there is no such generation any more.
        """
        if not self._update(generation_id, "SET announced = :true", EXISTS, TRUE).is_made:
            raise Fenced(None)

    def _write(self, generation_id: str, attempt: int, update: str, values: Item) -> Generation:
        fence = {":processing": s(Status.PROCESSING), ":attempt": n(attempt)}
        written = self._update(generation_id, update, OURS, values | fence)
        generation = written.generation
        if generation is None or not written.is_made:
            raise Fenced(generation)
        return generation

    def _update(self, generation_id: str, update: str, condition: str, values: Item) -> Write:
        with writing():
            return super()._update(generation_id, update, condition, values)


def _lately(now: datetime) -> Item:
    return {":now": n(epoch_milliseconds(now)), ":lately": n(epoch_milliseconds(now - PICKED_UP_WITHIN))}
