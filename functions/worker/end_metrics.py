"""Counts how generations end."""

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
    words = {"code": outcome.failure.code} if outcome.failure else {}
    measurements.count(COUNTED[outcome.status], **words)
