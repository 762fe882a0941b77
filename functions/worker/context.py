"""What one prompt is sent with: which turns, which summary, and what the next prompt needs of it. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from functions.shared.generations.model import ContextSeen
from functions.worker.attached_file import GONE
from functions.worker.conversation import Conversation, Turn

if TYPE_CHECKING:
    from collections.abc import Mapping

    from functions.shared.chats.model import Summary
    from functions.shared.generations.model import Usage
    from functions.shared.generations.response_format import ResponseFormat
    from functions.worker.attached_file import AttachedFile


@dataclass(frozen=True, slots=True, kw_only=True)
class PastTurn:
    """A question of the chat with its answer, and where both stand."""

    number: int
    """Of the question."""
    answer_number: int
    answer_id: str
    question: str = field(repr=False)
    answer: str = field(repr=False)
    usage: Usage | None = None
    """As the provider counted it; None where it did not."""
    seen: ContextSeen | None = None
    """What the question was sent with."""
    attachments: tuple[str, ...] = ()
    """The ids of the question's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What a prompt is sent with if it fits: what the one before was sent with, and what followed."""

    first: PastTurn | None = None
    """The first turn of the path, which stays; None if there is none, or it was dropped."""
    turns: tuple[PastTurn, ...] = ()
    """The others, without gaps up to the prompt, the oldest first."""
    summary: Summary | None = None
    seen: ContextSeen = field(default_factory=ContextSeen)
    """What the latest turn that says so was sent with."""

    @property
    def all_turns(self) -> tuple[PastTurn, ...]:
        """The turns in their order."""
        return (self.first, *self.turns) if self.first else self.turns


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What a prompt is sent with, as it was decided."""

    prompt: str = field(repr=False)
    number: int = 0
    """Of the prompt's message; 0 if it belongs to no chat."""
    history: History = field(default_factory=History)
    seen: ContextSeen | None = None
    """None: it is sent alone, because this deployment wants that, or it belongs to no chat."""
    tokens: int = 0
    """Of all that goes before the prompt."""
    tokens_per_estimate: float = 1.0
    """How many tokens the provider counts for each that we estimate."""
    is_trimmed: bool = False
    """Whether turns were left out that the prompt before was sent with."""
    response_format: ResponseFormat | None = None
    """The form in which the answer is wanted; None: any text."""
    attachments: tuple[str, ...] = ()
    """The ids of the prompt's."""
    files: Mapping[str, AttachedFile] = field(default_factory=dict, repr=False)
    """By the ids of the attachments."""

    @property
    def conversation(self) -> Conversation:
        """What the model is given."""
        turns = tuple(
            Turn(self._told(turn.question, turn.attachments), turn.answer, self.files_of(turn.attachments))
            for turn in self.history.all_turns
        )
        return Conversation(
            prompt=self._told(self.prompt, self.attachments),
            turns=turns,
            summary=self.history.summary.text if self.history.summary else "",
            response_format=self.response_format,
            files=self.files_of(self.attachments),
        )

    def files_of(self, attachments: tuple[str, ...]) -> tuple[AttachedFile, ...]:
        """Return the files with these ids that the model is given."""
        return tuple(self.files[each] for each in attachments if each in self.files)

    def _told(self, question: str, attachments: tuple[str, ...]) -> str:
        """A question, with a sentence for each file that cannot be given."""
        return "\n\n".join([question, *(GONE for each in attachments if each not in self.files)])

    def without_oldest_half(self) -> Context | None:
        """The same without the older half of its turns, for a model that takes less than we thought.

        Returns None if there is nothing left to leave out.
        """
        turns = self.history.all_turns
        if self.seen is None or not turns:
            return None
        left_out = -(-len(turns) // 2)
        kept = turns[left_out:]
        seen = replace(
            self.seen,
            turns=len(kept),
            dropped=self.seen.dropped + left_out,
            from_number=kept[0].number if kept else self.number,
            first_number=0,
        )
        history = replace(self.history, first=None, turns=kept)
        return replace(self, history=history, seen=seen, tokens=self.tokens // 2, is_trimmed=True)
