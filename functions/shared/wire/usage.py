"""What a generation has used, as messages and bodies tell it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from functions.shared.generations.model import Outcome
    from functions.shared.wire.messages import Usage


def usage_of(outcome: Outcome | None) -> Usage | None:
    """The tokens that the provider counted; None if it counted none, or has not yet."""
    if outcome is None or outcome.usage is None:
        return None
    usage: Usage = {
        "prompt_tokens": outcome.usage.prompt_tokens,
        "completion_tokens": outcome.usage.completion_tokens,
        "total_tokens": outcome.usage.total_tokens,
    }
    if outcome.usage.cached_tokens:
        usage["cached_tokens"] = outcome.usage.cached_tokens
    if outcome.usage.reasoning_tokens:
        usage["reasoning_tokens"] = outcome.usage.reasoning_tokens
    return usage
