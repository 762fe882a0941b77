"""A prompt on its way into its chat: as it was asked, as it is placed there, and as it was recorded."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from functions.shared.chats.model import ROOT, Chat
from functions.shared.errors import FramestreamError

if TYPE_CHECKING:
    from functions.shared.budgets.limits import BudgetLimits
    from functions.shared.generations.model import Generation
    from functions.shared.generations.response_format import ResponseFormat


class ReferenceGone(FramestreamError):
    """What a prompt follows, or answers anew, was deleted with its chat."""


class OnBusy(StrEnum):
    """What becomes of a prompt if an answer of its chat is being made."""

    REJECT = "reject"
    QUEUE = "queue"
    INTERRUPT = "interrupt"


class OnStale(StrEnum):
    """What becomes of a prompt if the answer that it follows is no longer the last one."""

    FORK = "fork"
    REJECT = "reject"


@dataclass(frozen=True, slots=True)
class Parent:
    """An answer that a prompt may follow, or the beginning of a chat."""

    message_id: str = ROOT
    number: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptRequest:
    """A prompt, or a question that is to be answered anew."""

    generation: Generation
    """As it is to be recorded, but for its place in the chat; one that regenerates has that already."""
    prompt: str = field(default="", repr=False)
    parent: Parent | None = None
    """None: the chat's last answer, or the one that is being made."""
    on_busy: OnBusy = OnBusy.REJECT
    on_stale: OnStale = OnStale.FORK
    response_format: ResponseFormat | None = None
    """The form in which the answer is wanted; None: any text."""
    attachment_tokens: int = 0
    """What its attachments take at most, about."""
    budget_claim: BudgetLimits | None = None
    """The limits that its user's token brings."""
    withdrawn: Generation | None = None
    """What an earlier request with the same key left, if that could not be queued."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """What is to be written."""

    before: Chat | None
    """The head as it was read."""
    after: Chat
    generation: Generation
    asked: PromptRequest
    parent: Parent
    is_interrupting: bool = False

    @property
    def is_first(self) -> bool:
        """Whether nothing of the chat is before it."""
        generation = self.generation
        return not (generation.waits or generation.is_regenerated or self.parent.message_id)


@dataclass(frozen=True, slots=True)
class Recorded:
    """A generation in the table, and whether it is what was to be written or was there before."""

    generation: Generation
    is_new: bool
