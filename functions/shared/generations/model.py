"""One answer being made: what is recorded of it. `transitions.py` says how that may change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from functions.shared.generations.failures import Failure
    from functions.shared.trace_context import TraceContext


PICKED_UP_WITHIN = timedelta(seconds=30)
TAKEN_OVER_WITHIN = timedelta(seconds=5)


class Status(StrEnum):
    """Where a generation is."""

    QUEUED = "queued"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        """Whether nothing can follow."""
        return self not in {Status.QUEUED, Status.PROCESSING}


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens, as the model's provider counted them."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int
    cached_tokens: int = 0
    """Of the prompt's."""
    reasoning_tokens: int = 0
    """Of the completion's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextSeen:
    """What of its chat the model was given."""

    turns: int = 0
    """Earlier questions with their answers, in full."""
    summarised: int = 0
    """Turns that a summary stood for."""
    dropped: int = 0
    """Turns that nothing stood for."""
    from_number: int = 0
    """The number of the first question, after the one at the root, that was given in full; 0: all were."""
    first_number: int = 0
    """The number of the answer to the question at the root, if both were given besides; else 0."""
    summary_number: int = 0
    """Up to which message the summary went that was given; 0: there was none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a generation ended."""

    status: Status
    length: int
    """Code points of the answer's text."""
    finish_reason: str | None = None
    usage: Usage | None = None
    failure: Failure | None = None
    context: ContextSeen | None = None
    cost: int | None = None
    """Micros (millionths of a dollar); None where the model has no price."""
    has_parts: bool = False
    """Whether there are parts beside the text."""
    answered_by: str = ""
    """The model whose text it is, where that is not the one that was asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Generation:
    """What is recorded of a generation, but for prompt and text, which are items of their own."""

    generation_id: str
    user_id: str
    chat_id: str
    model: str
    status: Status
    attempt: int
    created_at: datetime
    start_by: datetime
    """Work that has not begun by then is not begun."""
    expires_at: datetime
    request_hash: str
    trace: TraceContext | None = None
    """What the request that recorded it belongs to; None in records of older releases."""
    request_id: str = ""
    """How API Gateway names that request, in its access log too."""
    prompt_id: str = ""
    """The user's message that it answers; empty in records of older releases, which belong to no chat."""
    prompt_number: int = 0
    """The number of that message; 0 while the prompt waits in its chat's queue."""
    parent_id: str = ""
    """The message before the user's; empty if there is none."""
    parent_number: int | None = None
    """While it waits: the number of the answer that it is to follow, 0: none; None: the last one."""
    chat_version: int = 0
    """The version of its chat that its acceptance made, or its release from the queue."""
    number: int = 0
    """The number of its own message, once it has ended: the version of its chat that this made."""
    following: str = ""
    """The generation whose prompt its end has let out of the chat's queue."""
    waits: bool = False
    """Whether its prompt waits in its chat's queue."""
    position: int | None = None
    """How many prompts were before it in the queue when it was accepted; None: it did not wait."""
    is_warned: bool = False
    """Whether with it four fifths of its user's budget for the day or month were used or held."""
    is_regenerated: bool = False
    """Whether it was asked for without a message of its own."""
    has_format: bool = False
    """Whether its answer is wanted in a form, which is an item of its own."""
    attachments: tuple[str, ...] = ()
    """The ids of what its prompt is sent with."""
    lease_until: datetime | None = None
    owner: str = ""
    """Names the claim that holds the lease, so that a worker whose claim's reply was lost knows its own."""
    message_id: str = ""
    """The queue message that the owner works on."""
    cancel_requested: bool = False
    announced: bool = False
    """Whether the end was posted to the user's connections."""
    withdrawn: bool = False
    """Whether it ended only because no message of it was confirmed; a repeated request opens it again."""
    reopenings: int = 0
    """How often a repeated request has opened it again after it was withdrawn."""
    requeued_at: datetime | None = None
    """When a repeated request or a reader was last allowed to send a message of it."""
    queued_at: datetime | None = None
    """When the queue last confirmed a message that a repeated request sent, or it left its chat's queue."""
    outcome: Outcome | None = None
    is_deleted: bool = False
    """Whether its chat was deleted: what is left of it only tells a repeated request."""

    @property
    def ids(self) -> dict[str, str]:
        """What each log line about it carries."""
        return {
            "generation_id": self.generation_id,
            "user_id": self.user_id,
            "trace_id": self.trace.trace_id if self.trace else "",
            "request_id": self.request_id,
        }

    @property
    def is_without_message(self) -> bool:
        """Whether it may be begun, and no message of it is known that would let a worker do so."""
        is_begun = self.status is not Status.QUEUED or self.lease_until is not None
        return not (is_begun or self.waits or self.queued_at)

    def was_queued_lately(self, *, now: datetime) -> bool:
        """Say whether a message of it that the queue confirmed is recent enough to wait for."""
        return self.queued_at is not None and now - self.queued_at <= PICKED_UP_WITHIN

    def is_stranded(self, *, now: datetime) -> bool:
        """Say whether no worker shows a sign of making it, or of telling its end, although one should by now.

        Its message may be hidden for as long as the queue's time-out, which is more than an hour: a worker
        was killed before it could shorten that, or could not reach the queue.
        """
        if self.announced or self.waits:
            return False
        if self.lease_until is None:
            return now - max(self.created_at, self.queued_at or self.created_at) > PICKED_UP_WITHIN
        return now - self.lease_until > TAKEN_OVER_WITHIN
