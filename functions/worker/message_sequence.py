"""What a connection is told of a generation, in which order: the wire contract, without any I/O.

Every connection has a Cursor of its own, which moves on only when a message was delivered.
From this follow order, merging while a post is under way, repeating a failed post with more text, and that a
connection which joins late is told everything from the start.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeAlias

from functions.shared.generations.model import Outcome, Status
from functions.shared.times import rfc3339
from functions.shared.wire.context import context_of
from functions.shared.wire.encoding import encode
from functions.shared.wire.usage import usage_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from functions.shared.generations.failures import Failure
    from functions.shared.generations.model import Generation
    from functions.shared.wire.messages import (
        ChatEvent,
        GenerationMessage,
        LlmFrame,
        LlmStatus,
        OfGeneration,
        ResponseData,
        StatusWord,
        StreamingFrame,
        ThinkingFrame,
    )
    from functions.worker.answer_text import AnswerText

Content: TypeAlias = "Callable[[OfGeneration], GenerationMessage | ChatEvent]"
"""Completes a message with the fields that all have."""

LARGEST_MESSAGE = 32_000
"""Bytes. API Gateway closes a socket over a frame of more than 32 KB, and bills by 32 KB."""
LARGEST_DELTA = 28_000
"""Bytes of a delta in JSON; ids and field names take the rest of the frame."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a connection is: which attempt, how many messages before and after the text, how much text."""

    attempt: int = 0
    opening: int = 0
    offset: int = 0
    closing: int = 0


@dataclass(frozen=True, slots=True)
class Outgoing:
    """The message to send, and where the connection is once it has it."""

    data: bytes = field(repr=False)
    then: Cursor
    is_text: bool = False


@dataclass(frozen=True, slots=True)
class MessageSequence:
    """The messages of one generation. Without an opening it is a report of what has ended already."""

    generation: Generation
    answer: AnswerText
    opening: tuple[Content, ...]
    _made: dict[tuple[Cursor, int, bool], Outgoing] = field(default_factory=dict, init=False, repr=False)
    """What was said last. Sockets that are equally far are sent the same bytes."""

    def after(self, cursor: Cursor, *, now: datetime) -> Outgoing | None:
        """Say what follows; None if there is nothing to say (yet, or any more)."""
        if cursor.attempt != self.answer.attempt:
            cursor = Cursor(attempt=self.answer.attempt)
        point = cursor, len(self.answer), self.answer.outcome is None
        following = self._made.get(point) or self._after(cursor, now)
        if following is not None:
            self._made.clear()
            self._made[point] = following
        return following

    def _after(self, cursor: Cursor, now: datetime) -> Outgoing | None:
        if cursor.opening < len(self.opening):
            then = replace(cursor, opening=cursor.opening + 1)
            return Outgoing(self._message(self.opening[cursor.opening], now), then)
        if cursor.offset < len(self.answer):
            return self._text(cursor, now)
        return self._closing(cursor, now)

    def _text(self, at: Cursor, now: datetime) -> Outgoing:
        if at.opening == len(self.opening):
            return Outgoing(self._message(STREAMING, now), replace(at, opening=at.opening + 1))
        delta = _fitting(self.answer.text, at.offset)
        frame: StreamingFrame = {
            "status": "streaming",
            "delta": delta,
            "offset": at.offset,
            "progress": "indeterminate",
        }
        message = self._message(lambda about: {"type": "llm_frame", "frame": frame, **about}, now)
        return Outgoing(message, replace(at, offset=at.offset + len(delta)), is_text=True)

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
        return (_error(failure), self._last("failed", failure.sentence))

    def _last(self, status: StatusWord, message: str) -> Content:
        if not self.answer.chat_version:
            return _status(status, message)
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
            "model": self.generation.model,
            "finish_reason": outcome.finish_reason,
            "usage": usage_of(outcome),
            "cost": outcome.cost,
            "context": context_of(outcome),
            "length": outcome.length,
            "timestamp": rfc3339(now),
        }
        fits = outcome.length <= LARGEST_DELTA and len(encode(data)) <= LARGEST_DELTA
        return data if fits else {**data, "response": None}

    def _message(self, content: Content, now: datetime) -> bytes:
        about: OfGeneration = {
            "user_id": self.generation.user_id,
            "chat_id": self.generation.chat_id,
            "generation_id": self.generation.generation_id,
            "attempt": self.answer.attempt,
            "timestamp": rfc3339(now),
        }
        return encode(content(about))


def _status(status: StatusWord, message: str) -> Content:
    def content(about: OfGeneration) -> LlmStatus:
        # `about` never has the field that LlmStatus alone may have.
        return {"type": "llm_status", "status": status, "message": message, **about}  # type: ignore[typeddict-item]

    return content


def asked(generation: Generation, prompt: str) -> tuple[Content, ...]:
    """Tell what is being answered; nothing in records of older releases, which belong to no chat."""
    if not generation.prompt_id:
        return ()
    fits = len(prompt) <= LARGEST_DELTA and len(encode({"text": prompt})) <= LARGEST_DELTA
    return (
        lambda about: {
            "type": "chat_message",
            "user_id": about["user_id"],
            "chat_id": about["chat_id"],
            "version": generation.chat_version,
            "event": "regenerate" if generation.is_regenerated else "prompt",
            "message_id": generation.prompt_id,
            "parent_id": generation.parent_id or None,
            "generation_id": generation.generation_id,
            "text": prompt if fits else None,
            "title": None,
            "timestamp": about["timestamp"],
        },
    )


def _error(failure: Failure) -> Content:
    return lambda about: {
        "type": "llm_error",
        "error": failure.sentence,
        "code": failure.code,
        "retryable": failure.retryable,
        **about,
    }


def _thinking(about: OfGeneration) -> LlmFrame:
    frame: ThinkingFrame = {"status": "thinking", "message": "Thinking …", "progress": "indeterminate"}
    return {"type": "llm_frame", "frame": frame, **about}


OPENING: tuple[Content, ...] = (
    _status("started", "Your request was picked up."),
    _status("processing", "Your request is being worked on."),
    _status("thinking", "Thinking …"),
    _thinking,
)
STREAMING = _status("streaming", "The answer is coming in.")


def _fitting(text: str, offset: int) -> str:
    """Cut the longest piece from `offset` on whose JSON is small enough for one message."""
    piece = text[offset : offset + LARGEST_DELTA]
    while len(encode({"delta": piece})) > LARGEST_DELTA:
        piece = piece[: len(piece) // 2]
    return piece
