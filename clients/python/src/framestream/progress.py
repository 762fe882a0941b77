"""The state of one answer after each message: pure, so that every order of messages can be tested."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias, TypeGuard

from framestream.answer import Answer

Json: TypeAlias = dict[str, Any]
ORDER = ("queued", "started", "processing", "thinking", "streaming")
ENDS = frozenset({"completed", "failed", "cancelled"})
STREAMING = "The answer is coming in."


class Piece(str):
    """A piece of the answer's text, with its attempt and offset.

    If `attempt` is higher than that of the piece before, the text starts again and earlier pieces are void.
    """

    __slots__ = ("attempt", "offset")
    attempt: int
    offset: int

    def __new__(cls, text: str, *, attempt: int, offset: int) -> Piece:
        """Make a piece of text with its position."""
        piece = super().__new__(cls, text)
        piece.attempt = attempt
        piece.offset = offset
        return piece


@dataclass(frozen=True, slots=True)
class StatusChange:
    """A new status of the answer, and a sentence to display."""

    status: str
    message: str
    attempt: int


Event: TypeAlias = Piece | StatusChange


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an answer failed."""

    sentence: str
    code: str
    retryable: bool


@dataclass(frozen=True, slots=True)
class Progress:
    """The state of an answer."""

    answer: Answer = field(default_factory=Answer)
    status: str = ORDER[0]
    data: Json | None = None
    """Facts about a completed answer: model, finish_reason, usage, cost, context."""
    failure: Failure | None = None
    is_end_awaited: bool = False
    """An end was announced while something before it is missing."""

    @property
    def has_ended(self) -> bool:
        return self.status in ENDS

    @property
    def is_incomplete(self) -> bool:
        """Text or an end is missing that only the stored generation can supply."""
        return not self.has_ended and (self.is_end_awaited or self.answer.has_gap)


Advance: TypeAlias = tuple[Progress, tuple[Event, ...]]


def advance(before: Progress, message: Json) -> Advance:
    """Apply a message of the socket. Unknown, late and repeated messages change nothing."""
    attempt = message.get("attempt")
    if before.has_ended or not _is_count(attempt) or attempt < before.answer.attempt:
        return before, ()
    answer = before.answer.in_attempt(attempt)
    now = before if answer is before.answer else Progress(answer)
    match message:
        case {"type": "llm_status", "status": str(status)}:
            return _with_status(now, status, str(message.get("message", "")))
        case {"type": "llm_frame", "frame": {"delta": str(delta), "offset": offset}} if _is_count(offset):
            return _with_text(now, delta, offset, attempt)
        case {"type": "llm_response", "data": {"length": length}} if _is_count(length):
            return _with_response(now, message["data"])
        case {"type": "llm_error", "error": str(sentence), "code": str(code)}:
            failure = Failure(sentence, code, retryable=bool(message.get("retryable")))
            return replace(now, failure=failure), ()
    return now, ()


def _is_count(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def catch_up(before: Progress, state: Json) -> Advance:
    """Apply a stored generation. If it has ended, it is complete."""
    attempt, status = state["attempt"], state["status"]
    if before.has_ended or attempt < before.answer.attempt:
        return before, ()
    answer = before.answer.in_attempt(attempt)
    now = before if answer is before.answer else Progress(answer)
    events: tuple[Event, ...] = ()
    if state["text"]:
        now, changes = _with_status(now, "streaming", STREAMING)
        now, pieces = _with_text(now, state["text"], state["offset"], attempt)
        events = (*changes, *pieces)
    elif status == "processing":
        now, events = _with_status(now, "processing", "The answer is being worked on.")
    if status not in ENDS:
        return now, events
    failure = _failure_of(state) if status == "failed" else None
    sentence = failure.sentence if failure else f"The answer is {status}."
    ended = replace(now, status=status, data=_ending(state), failure=failure)
    return ended, (*events, StatusChange(status, sentence, attempt))


def _failure_of(state: Json) -> Failure:
    sentence = state.get("error") or "The answer failed."
    return Failure(sentence, state.get("code") or "internal", retryable=bool(state.get("retryable")))


def _with_status(now: Progress, status: str, words: str) -> Advance:
    change = StatusChange(status, words, now.answer.attempt)
    if status in ENDS:
        # An end that overtook its text is not applied: the stored generation supplies both.
        cause = {"completed": now.data, "failed": now.failure, "cancelled": True}[status]
        if now.answer.has_gap or not cause:
            return replace(now, is_end_awaited=True), ()
        return replace(now, status=status), (change,)
    if status not in ORDER or ORDER.index(status) <= ORDER.index(now.status):
        return now, ()
    return replace(now, status=status), (change,)


def _with_text(now: Progress, delta: str, offset: int, attempt: int) -> Advance:
    length = len(now.answer.text)
    answer = now.answer.merge(delta, offset=offset, attempt=attempt)
    after = replace(now, answer=answer)
    new = answer.text[length:]
    return after, (Piece(new, attempt=attempt, offset=length),) if new else ()


def _with_response(now: Progress, data: Json) -> Advance:
    length, text = data["length"], data.get("response")
    events: tuple[Event, ...] = ()
    if isinstance(text, str):
        now, events = _with_text(now, text, 0, now.answer.attempt)
    answer = replace(now.answer, known=max(now.answer.known, length))
    return replace(now, answer=answer, data=_ending(data)), events


def _ending(data: Json) -> Json:
    return {name: data.get(name) for name in ("model", "finish_reason", "usage", "cost", "context")}
