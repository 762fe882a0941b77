"""The state of one answer after each message: pure, so that every order of messages can be tested."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias, TypeGuard

from framestream.answer import Answer
from framestream.parts import PartPiece, Parts

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
"""What an answer's events are; with its parts, pieces of these, too."""
PartEvent: TypeAlias = Piece | StatusChange | PartPiece


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
    parts: Parts = field(default_factory=Parts)
    """What belongs to the answer beside its text."""
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
        is_any_missing = self.is_end_awaited or self.answer.has_gap or self.parts.is_missing_any
        return not self.has_ended and is_any_missing


Advance: TypeAlias = tuple[Progress, tuple[PartEvent, ...]]


def advance(before: Progress, message: Json) -> Advance:
    """Apply a message of the socket. Unknown, late and repeated messages change nothing."""
    attempt = message.get("attempt")
    if before.has_ended or not _is_count(attempt) or attempt < before.answer.attempt:
        return before, ()
    answer = before.answer.in_attempt(attempt)
    return _applied(before if answer is before.answer else Progress(answer), message)


def _applied(now: Progress, message: Json) -> Advance:
    match message:
        case {"type": "llm_status", "status": str(status)}:
            return _with_status(now, status, str(message.get("message", "")))
        case {"type": "llm_frame", "frame": {"delta": str(delta), "offset": offset}} if _is_count(offset):
            return _with_text(now, delta, offset, now.answer.attempt)
        case {"type": "llm_part", "part": {"kind": str(), "delta": str()} as part} if _is_placed(part):
            return _with_part(now, part)
        case {"type": "llm_response", "data": {"length": length}} if _is_count(length):
            return _with_response(now, message["data"])
        case {"type": "llm_error", "error": str(sentence), "code": str(code)}:
            failure = Failure(sentence, code, retryable=bool(message.get("retryable")))
            return replace(now, failure=failure), ()
    return now, ()


def _is_count(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_placed(part: Json) -> bool:
    return all(_is_count(part.get(name)) for name in ("index", "offset", "text_offset"))


def catch_up(before: Progress, state: Json) -> Advance:
    """Apply a stored generation. If it has ended, it is complete."""
    attempt, status = state["attempt"], state["status"]
    if before.has_ended or attempt < before.answer.attempt:
        return before, ()
    answer = before.answer.in_attempt(attempt)
    now = before if answer is before.answer else Progress(answer)
    events: tuple[PartEvent, ...] = ()
    parts = [part for part in state.get("parts") or () if part.get("kind") != "text"]
    if state["text"] or parts:
        now, events = _with_status(now, "streaming", STREAMING) if state["text"] else (now, ())
        now, pieces = _with_content(now, state["text"], state["offset"], parts)
        events = (*events, *pieces)
    elif status == "processing":
        now, events = _with_status(now, "processing", "The answer is being worked on.")
    if status not in ENDS:
        return replace(now, parts=now.parts.after_snapshot()), events
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
        if now.answer.has_gap or now.parts.is_missing_any or not cause:
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


def _with_part(now: Progress, part: Json) -> Advance:
    index, kind, delta, text_offset = (part[name] for name in ("index", "kind", "delta", "text_offset"))
    if not delta:
        return replace(now, parts=now.parts.without_text(index, kind, text_offset=text_offset)), ()
    known = len(now.parts.text_of(index))
    parts = now.parts.merge(index, kind, delta, offset=part["offset"], text_offset=text_offset)
    new = parts.text_of(index)[known:]
    events = (PartPiece(index, kind, new, now.answer.attempt),) if new else ()
    return replace(now, parts=parts), events


def _with_content(now: Progress, text: str, offset: int, parts: list[Json]) -> Advance:
    """Add stored text and the parts within it, in their order."""
    events: tuple[PartEvent, ...] = ()
    told = 0
    for part in parts:
        until = max(told, part["text_offset"] - offset)
        now, pieces = _with_text(now, text[told:until], offset + told, now.answer.attempt)
        # Without text, it is not kept.
        now, more = _with_part(now, {**part, "delta": part.get("text") or "", "offset": 0})
        told = min(until, len(text))
        events = (*events, *pieces, *more)
    now, pieces = _with_text(now, text[told:], offset + told, now.answer.attempt)
    return now, (*events, *pieces)


def _with_response(now: Progress, data: Json) -> Advance:
    length, text = data["length"], data.get("response")
    events: tuple[PartEvent, ...] = ()
    if isinstance(text, str):
        now, events = _with_text(now, text, 0, now.answer.attempt)
    answer = replace(now.answer, known=max(now.answer.known, length))
    return replace(now, answer=answer, data=_ending(data)), events


def _ending(data: Json) -> Json:
    facts = {name: data.get(name) for name in ("finish_reason", "usage", "cost", "context")}
    return {"model": data.get("answered_by") or data.get("model"), **facts}
