"""What a connection is told of a generation, in which order: the wire contract, without any I/O.

Every connection has a Cursor of its own, which moves on only when a message was delivered.
From this follow order, merging while a post is under way, repeating a failed post with more text, and that a
connection which joins late is told everything from the start.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from functions.shared.generations.model import Outcome, Status
from functions.shared.times import rfc3339
from functions.shared.wire.context import context_of
from functions.shared.wire.encoding import encode
from functions.shared.wire.usage import usage_of
from functions.worker.cursor import Cursor, following
from functions.worker.message_sizes import fits, fitting
from functions.worker.status_messages import STREAMING, error_message, status_message

if TYPE_CHECKING:
    from datetime import datetime

    from functions.shared.generations.model import Generation
    from functions.shared.wire.messages import (
        OfGeneration,
        PartDelta,
        ResponseData,
        StatusWord,
        StreamingFrame,
    )
    from functions.worker.answer_parts import Part
    from functions.worker.answer_text import AnswerText, Extent
    from functions.worker.cursor import Stretch
    from functions.worker.status_messages import Content


@dataclass(frozen=True, slots=True)
class Outgoing:
    """The message to send, and where the connection is once it has it."""

    data: bytes = field(repr=False)
    then: Cursor
    is_text: bool = False
    gathers: bool = False
    """Whether the next message may wait a little, so that more of the answer gathers for it."""


@dataclass(frozen=True, slots=True)
class MessageSequence:
    """The messages of one generation. Without an opening it is a report of what has ended already."""

    generation: Generation
    answer: AnswerText
    opening: tuple[Content, ...]
    _made: dict[tuple[Cursor, Extent, bool], Outgoing] = field(default_factory=dict, init=False, repr=False)
    """What was said last. Sockets that are equally far are sent the same bytes."""

    @property
    def answered_by(self) -> str:
        """The model that answers, where it is not the one that was asked for."""
        outcome = self.answer.outcome
        return self.answer.model or (outcome.answered_by if outcome else "")

    def after(self, cursor: Cursor, *, now: datetime) -> Outgoing | None:
        """Say what follows; None if there is nothing to say (yet, or any more)."""
        if cursor.attempt != self.answer.attempt:
            cursor = Cursor(attempt=self.answer.attempt)
        point = cursor, self.answer.extent, self.answer.outcome is None
        message = self._made.get(point) or self._after(cursor, now)
        if message is not None:
            self._made.clear()
            self._made[point] = message
        return message

    def _after(self, cursor: Cursor, now: datetime) -> Outgoing | None:
        if cursor.opening < len(self.opening):
            then = replace(cursor, opening=cursor.opening + 1)
            return Outgoing(self._message(self.opening[cursor.opening], now), then)
        stretch = following(self.answer, cursor)
        if stretch is None:
            return self._closing(cursor, now)
        return self._text(stretch, now) if stretch.part is None else self._part(stretch, stretch.part, now)

    def _text(self, stretch: Stretch, now: datetime) -> Outgoing:
        at = stretch.at
        if at.opening == len(self.opening):
            return Outgoing(self._message(STREAMING, now), replace(at, opening=at.opening + 1))
        delta = fitting(self.answer.text, at.offset, stretch.until)
        frame: StreamingFrame = {
            "status": "streaming",
            "delta": delta,
            "offset": at.offset,
            "progress": "indeterminate",
        }
        if model := self.answered_by:
            frame["model"] = model
        message = self._message(lambda about: {"type": "llm_frame", "frame": frame, **about}, now)
        then = replace(at, offset=at.offset + len(delta))
        gathers = not self.answer.parts.parts or following(self.answer, then) is None
        return Outgoing(message, then, is_text=True, gathers=gathers)

    def _part(self, stretch: Stretch, part: Part, now: datetime) -> Outgoing:
        offset = stretch.at.part_offset
        delta = fitting(part.written.text, offset, stretch.until)
        described: PartDelta = {
            "index": part.index,
            "kind": part.kind,
            "delta": delta,
            "offset": offset,
            "text_offset": part.text_offset,
        }
        message = self._message(lambda about: {"type": "llm_part", "part": described, **about}, now)
        then = replace(stretch.at, part_offset=offset + len(delta))
        return Outgoing(message, then, gathers=following(self.answer, then) is None)

    def _closing(self, at: Cursor, now: datetime) -> Outgoing | None:
        outcome = self.answer.outcome
        closing = self._endings(outcome, now) if outcome is not None else ()
        if at.closing >= len(closing):
            return None
        message = self._message(closing[at.closing], now)
        return Outgoing(message, replace(at, closing=at.closing + 1))

    def _endings(self, outcome: Outcome, now: datetime) -> tuple[Content, ...]:
        if outcome.status is Status.COMPLETED:
            data = self._response(outcome, now)
            return (
                lambda about: {"type": "llm_response", "data": data, **about},
                self._last("completed", "The answer is complete."),
            )
        if outcome.status is Status.CANCELLED:
            return (self._last("cancelled", "The answer was stopped."),)
        failure = outcome.failure
        assert failure is not None
        return (error_message(failure), self._last("failed", failure.sentence))

    def _last(self, status: StatusWord, message: str) -> Content:
        if not self.answer.chat_version:
            return status_message(status, message)
        return lambda about: {
            "type": "llm_status",
            "status": status,
            "message": message,
            "chat_version": self.answer.chat_version,
            **about,
        }

    def _response(self, outcome: Outcome, now: datetime) -> ResponseData:
        data: ResponseData = {
            "event": "response_generated",
            "user_id": self.generation.user_id,
            "chat_id": self.generation.chat_id,
            "generation_id": self.generation.generation_id,
            "response": self.answer.text,
            "model": self.answered_by or self.generation.model,
            "finish_reason": outcome.finish_reason,
            "usage": usage_of(outcome),
            "cost": outcome.cost,
            "length": outcome.length,
            "timestamp": rfc3339(now),
        }
        # What has nothing to say is left out: a message is then byte for byte what it was before the field.
        if context := context_of(outcome):
            data["context"] = context
        if self.generation.is_warned:
            data["budget_warning"] = True
        return data if fits(outcome.length, data) else {**data, "response": None}

    def _message(self, content: Content, now: datetime) -> bytes:
        about: OfGeneration = {
            "user_id": self.generation.user_id,
            "chat_id": self.generation.chat_id,
            "generation_id": self.generation.generation_id,
            "attempt": self.answer.attempt,
            "timestamp": rfc3339(now),
        }
        return encode(content(about))
