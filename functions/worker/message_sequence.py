"""What a connection is told of a generation, in which order: the wire contract, without any I/O.

Every connection has a Cursor of its own, which moves on only when a message was delivered.
From this follow order, merging while a post is under way, repeating a failed post with more text, and that a
connection which joins late is told everything from the start.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from functions.shared.generations.model import Outcome, Status
from functions.shared.times import rfc3339
from functions.shared.wire.messages import encode

if TYPE_CHECKING:
    from datetime import datetime

    from functions.shared.generations.model import Generation
    from functions.worker.answer_text import AnswerText

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
    opening: tuple[dict[str, Any], ...]

    def after(self, cursor: Cursor, *, now: datetime) -> Outgoing | None:
        """Say what follows; None if there is nothing to say (yet, or any more)."""
        if cursor.attempt != self.answer.attempt:
            cursor = Cursor(attempt=self.answer.attempt)
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
        frame = {"status": "streaming", "delta": delta, "offset": at.offset, "progress": "indeterminate"}
        message = self._message({"type": "llm_frame", "frame": frame}, now)
        return Outgoing(message, replace(at, offset=at.offset + len(delta)), is_text=True)

    def _closing(self, at: Cursor, now: datetime) -> Outgoing | None:
        outcome = self.answer.outcome
        closing = self._endings(outcome, now) if outcome is not None else ()
        if at.closing >= len(closing):
            return None
        message = self._message(closing[at.closing], now)
        return Outgoing(message, replace(at, closing=at.closing + 1))

    def _endings(self, outcome: Outcome, now: datetime) -> tuple[dict[str, Any], ...]:
        if outcome.status is Status.COMPLETED:
            return (
                {"type": "llm_response", "data": self._response(outcome, now)},
                _status("completed", "The answer is complete."),
            )
        if outcome.status is Status.CANCELLED:
            return (_status("cancelled", "The answer was stopped."),)
        failure = outcome.failure
        assert failure is not None
        error = {
            "type": "llm_error",
            "error": failure.sentence,
            "code": failure.code,
            "retryable": failure.retryable,
        }
        return (error, _status("failed", failure.sentence))

    def _response(self, outcome: Outcome, now: datetime) -> dict[str, Any]:
        data = {
            "event": "response_generated",
            **self._names(),
            "response": self.answer.text,
            "model": self.generation.model,
            "finish_reason": outcome.finish_reason,
            "usage": asdict(outcome.usage) if outcome.usage else None,
            "length": outcome.length,
            "timestamp": rfc3339(now),
        }
        fits = outcome.length <= LARGEST_DELTA and len(encode(data)) <= LARGEST_DELTA
        return data if fits else {**data, "response": None}

    def _message(self, content: dict[str, Any], now: datetime) -> bytes:
        return encode({**content, **self._names(), "attempt": self.answer.attempt, "timestamp": rfc3339(now)})

    def _names(self) -> dict[str, Any]:
        return {
            "user_id": self.generation.user_id,
            "chat_id": self.generation.chat_id,
            "generation_id": self.generation.generation_id,
        }


def _status(status: str, message: str) -> dict[str, Any]:
    return {"type": "llm_status", "status": status, "message": message}


THINKING = {"status": "thinking", "message": "Thinking …", "progress": "indeterminate"}
OPENING: tuple[dict[str, Any], ...] = (
    _status("started", "Your request was picked up."),
    _status("processing", "Your request is being worked on."),
    _status("thinking", "Thinking …"),
    {"type": "llm_frame", "frame": THINKING},
)
STREAMING = _status("streaming", "The answer is coming in.")


def _fitting(text: str, offset: int) -> str:
    """Cut the longest piece from `offset` on whose JSON is small enough for one message."""
    piece = text[offset : offset + LARGEST_DELTA]
    while len(encode({"delta": piece})) > LARGEST_DELTA:
        piece = piece[: len(piece) // 2]
    return piece
