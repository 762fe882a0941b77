"""The outcome of an answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from framestream.parts import Part
    from framestream.progress import Json, Progress


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The outcome of an answer."""

    generation_id: str
    status: str
    """completed or cancelled; the text of a cancelled answer is incomplete."""
    text: str
    attempt: int
    model: str | None
    """The model that answered."""
    finish_reason: str | None
    usage: Json | None
    """prompt_tokens, completion_tokens and total_tokens, if the model's server reported them, and how many
    of them were `cached_tokens` and `reasoning_tokens`."""
    cost: int | None = None
    """In millionths of a dollar, if the price is known."""
    context: Json | None = None
    """What the model saw of the chat: `turns`, `summarised`, `dropped`."""
    parts: tuple[Part, ...] = ()
    """The text, and what came before, within and after it: reasoning, sources, data."""


def result_of(generation_id: str, progress: Progress) -> Result:
    """The outcome of an answer that has ended, and has not failed."""
    text, data = progress.answer.text, progress.data or {}
    return Result(
        generation_id=generation_id,
        status=progress.status,
        text=text,
        attempt=progress.answer.attempt,
        model=data.get("model"),
        finish_reason=data.get("finish_reason"),
        usage=data.get("usage"),
        cost=data.get("cost"),
        context=data.get("context"),
        parts=progress.parts.in_order(text),
    )
