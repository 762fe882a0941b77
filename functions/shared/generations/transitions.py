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
`functions.shared.chats` makes the transaction. All else is a write of its own: the methods of
`SubmissionTransitions`, for users' requests, and `AttemptTransitions`, for workers and operators' tools.

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
from functions.shared.generations.conditional_update import setting
from functions.shared.generations.failures import Failure
from functions.shared.generations.items import item_of
from functions.shared.generations.model import Generation, Outcome, Status
from functions.shared.generations.outcomes import attributes_of
from functions.shared.generations.transition_conditions import (
    ASK_TO_STOP,
    BOTH,
    OURS,
    QUEUED,
    TRUE,
    UNDER_WAY,
    WAITS,
    WITHDRAWN,
    fence,
)
from functions.shared.times import epoch_milliseconds, epoch_seconds
from functions.shared.transactions import Entry, put, update

if TYPE_CHECKING:
    from datetime import datetime

NAME = "generation"
"""Names the entry of the generation that a transaction is about."""


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
    return update(NAME, generation_key(generation_id), ended, OURS, values | fence(attempt))


def _flags(*names: str) -> Item:
    return {name: {"BOOL": True} for name in names}


def _in_chat(number: int, following: str) -> Item:
    """Say what an end made of its chat: the number of the answer, and what has its turn now."""
    return {
        **({"number": n(number)} if number else {}),
        **({"following": s(following)} if following else {}),
    }
