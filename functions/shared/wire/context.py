"""What a model saw of its chat, as messages and bodies tell it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from functions.shared.generations.model import Outcome
    from functions.shared.wire.messages import ContextSeen


def context_of(outcome: Outcome | None) -> ContextSeen | None:
    """The turns before the question; None if the prompt stood alone, or no model was asked."""
    if outcome is None or outcome.context is None:
        return None
    seen = outcome.context
    return {"turns": seen.turns, "summarised": seen.summarised, "dropped": seen.dropped}
