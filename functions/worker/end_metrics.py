"""Counts how generations end, and the tokens that they took."""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions.shared.generations.model import Status
from functions.shared.metrics import Metric

if TYPE_CHECKING:
    from functions.shared.generations.model import Outcome
    from functions.shared.measurements import Measurements

COUNTED = {
    Status.COMPLETED: Metric.GENERATIONS_COMPLETED,
    Status.FAILED: Metric.GENERATIONS_FAILED,
    Status.CANCELLED: Metric.GENERATIONS_CANCELLED,
}


def count_end(outcome: Outcome, *, measurements: Measurements) -> None:
    """Count an end of this kind."""
    code = outcome.failure.code if outcome.failure else None
    measurements.add(COUNTED[outcome.status], code=code)
    if outcome.answered_by:
        measurements.add(Metric.FALLBACK_ANSWERS)
    if outcome.usage:
        measurements.add(Metric.PROMPT_TOKENS, outcome.usage.prompt_tokens)
        measurements.add(Metric.COMPLETION_TOKENS, outcome.usage.completion_tokens)
