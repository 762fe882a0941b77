"""Counts how generations end."""

from __future__ import annotations

from functions.shared.generations.model import Status
from functions.shared.metrics import Metric, count

COUNTED = {
    Status.COMPLETED: Metric.GENERATIONS_COMPLETED,
    Status.FAILED: Metric.GENERATIONS_FAILED,
    Status.CANCELLED: Metric.GENERATIONS_CANCELLED,
}


def count_end(status: Status) -> None:
    """Count an end of this kind."""
    count(COUNTED[status])
