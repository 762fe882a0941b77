"""Reads the fields of a chunk other than what the model says: why it ends, and token counts."""

from __future__ import annotations

from typing import Any

from functions.shared.generations.model import Usage
from functions.worker.lenient_json import count_of

LONGEST_REASON = 64
NO_REASON = {"", "null", "none"}
CACHED = (
    ("prompt_tokens_details", "cached_tokens"),  # OpenAI, Azure, vLLM, xAI, OpenRouter
    ("input_tokens_details", "cached_tokens"),
    ("", "prompt_cache_hit_tokens"),  # DeepSeek
    ("", "cached_tokens"),  # Moonshot
    ("", "cache_read_input_tokens"),
)
"""Where servers tell how many of the prompt's tokens came from their cache, as object and name."""
REASONED = (
    ("completion_tokens_details", "reasoning_tokens"),
    ("output_tokens_details", "reasoning_tokens"),
    ("", "reasoning_tokens"),
)
"""Where servers tell how many tokens were reasoning."""


def finish_reason_of(choice: dict[str, Any]) -> str | None:
    """The word for why the text ends here, short and storable; None for every way to say that it does not."""
    reason = choice.get("finish_reason") or choice.get("finishReason")
    if isinstance(reason, dict):
        reason = reason.get("type") or reason.get("reason")
    if not isinstance(reason, str) or reason.strip().lower() in NO_REASON:
        return None
    return reason.strip()[:LONGEST_REASON].encode("utf-8", "replace").decode()


def usage_of(usage: object) -> Usage | None:
    """The token counts, if there are any that can be counts."""
    if not isinstance(usage, dict):
        return None
    prompt = _count_in(usage, "prompt_tokens", "input_tokens")
    completion = _count_in(usage, "completion_tokens", "output_tokens")
    total = _count_in(usage, "total_tokens")
    if prompt is completion is total is None:
        return None
    prompt, completion = prompt or 0, completion or 0
    return Usage(
        prompt,
        completion,
        prompt + completion if total is None else total,
        cached_tokens=_part_of(usage, CACHED),
        reasoning_tokens=_part_of(usage, REASONED),
    )


def _count_in(usage: dict[str, Any], *names: str) -> int | None:
    return next((count for name in names if (count := count_of(usage.get(name))) is not None), None)


def _part_of(usage: dict[str, Any], places: tuple[tuple[str, str], ...]) -> int:
    """A count that stands in the usage itself, or in an object of it; 0 if it is not told."""
    for place, name in places:
        inside = usage.get(place) if place else usage
        count = count_of(inside.get(name)) if isinstance(inside, dict) else None
        if count is not None:
            return count
    return 0
