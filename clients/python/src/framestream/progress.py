"""What is known of one answer, message by message: pure, so that every order of events can be tested."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias, TypeGuard

from framestream.answer import Answer

Json: TypeAlias = dict[str, Any]
ORDER = ("queued", "started", "processing", "thinking", "streaming")
ENDS = frozenset({"completed", "failed", "cancelled"})
STREAMING = "The answer is coming in."


class Piece(str):
    """A piece of the answer's text, and where it belongs.

    With a higher `attempt` than the piece before it, the text starts again: what came earlier is void.
    """

    __slots__ = ("attempt", "offset")
    attempt: int
    offset: int

    def __new__(cls, text: str, *, attempt: int, offset: int) -> Piece:
        """Make a text that knows its place."""
        piece = super().__new__(cls, text)
        piece.attempt = attempt
        piece.offset = offset
        return piece


@dataclass(frozen=True, slots=True)
class StatusChange:
    """How far the answer is, in a word and a sentence for people."""

    status: str
    message: str
    attempt: int


Event: TypeAlias = Piece | StatusChange


@dataclass(frozen=True, slots=True)
class Failure:
    """Why there is no answer."""

    sentence: str
    code: str
    retryable: bool


@dataclass(frozen=True, slots=True)
class Progress:
    """All that is known so far."""

    answer: Answer = field(default_factory=Answer)
    status: str = ORDER[0]
    data: Json | None = None
    """How a complete answer ended: model, finish_reason, usage."""
    failure: Failure | None = None
    is_end_awaited: bool = False
    """An end was told that could not be taken, because something before it is missing."""

    @property
    def has_ended(self) -> bool:
        return self.status in ENDS

    @property
    def is_incomplete(self) -> bool:
        """More is known to exist than arrived; only the stored generation brings it."""
        return not self.has_ended and (self.is_end_awaited or self.answer.has_gap)


Advance: TypeAlias = tuple[Progress, tuple[Event, ...]]


def advance(before: Progress, message: Json) -> Advance:
    """Take in a message of the socket. What is unknown, late or told before changes nothing."""
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
    """Take in a stored generation. One that has ended is all that there will ever be."""
    attempt, status = state["attempt"], state["status"]
    if before.has_ended or attempt < before.answer.attempt:
        return before, ()
    answer = before.answer.in_attempt(attempt)
    now = before if answer is before.answer else Progress(answer)
    told: tuple[Event, ...] = ()
    if state["text"]:
        now, began = _with_status(now, "streaming", STREAMING)
        now, came = _with_text(now, state["text"], state["offset"], attempt)
        told = (*began, *came)
    elif status == "processing":
        now, told = _with_status(now, "processing", "The answer is being worked on.")
    if status not in ENDS:
        return now, told
    failure = _failure_of(state) if status == "failed" else None
    sentence = failure.sentence if failure else f"The answer is {status}."
    ended = replace(now, status=status, data=_ending(state), failure=failure)
    return ended, (*told, StatusChange(status, sentence, attempt))


def _failure_of(state: Json) -> Failure:
    sentence = state.get("error") or "The answer failed."
    return Failure(sentence, state.get("code") or "internal", retryable=bool(state.get("retryable")))


def _with_status(now: Progress, status: str, words: str) -> Advance:
    change = StatusChange(status, words, now.answer.attempt)
    if status in ENDS:
        # An end that came before all of its text is not the end yet: the stored generation tells it again.
        explained = {"completed": now.data, "failed": now.failure, "cancelled": True}[status]
        if now.answer.has_gap or not explained:
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
    told: tuple[Event, ...] = ()
    if isinstance(text, str):
        now, told = _with_text(now, text, 0, now.answer.attempt)
    answer = replace(now.answer, known=max(now.answer.known, length))
    return replace(now, answer=answer, data=_ending(data)), told


def _ending(data: Json) -> Json:
    return {name: data.get(name) for name in ("model", "finish_reason", "usage")}
