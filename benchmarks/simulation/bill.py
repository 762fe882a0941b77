"""What a million answers cost, with the worker's seconds that the simulation found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tools.costs import answer_usage
from tools.costs.answer_usage import Answer
from tools.costs.bill import dollars
from tools.costs.prices import MILLION
from tools.marked import table

FLOWS = ("the example at 1/s", "the example at 10/s", "the example at 10/s, quick start")
MEMORIES = (256, 512, 1024, 1769)


@dataclass(frozen=True, slots=True)
class Cadence:
    """Milliseconds between frames: in the first second of an answer, and afterwards."""

    name: str
    first: int
    then: int


CADENCES = (
    Cadence("100 ms", 100, 100),
    Cadence("100 ms for a second, then 250", 100, 250),
    Cadence("250 ms", 250, 250),
)


def a_million(cadence: Cadence, memory_mb: int, worker_seconds: float) -> float:
    """Return what a million of the example's answers cost."""
    answer = Answer(
        frame_interval_ms=cadence.then,
        first_frame_interval_ms=cadence.first,
        memory_mb=memory_mb,
        worker_seconds=worker_seconds,
    )
    return MILLION * dollars(answer_usage.answer(answer))


def costs(choice: dict[str, Any], *, few: dict[str, Any]) -> str:
    """Make the table for one choice of settings; the smallest memory carries few answers only."""
    header = ["frames", "worker's memory", *FLOWS]
    rows = [
        [
            cadence.name,
            f"{memory:,} MB",
            *(f"{a_million(cadence, memory, chosen[flow]['worker_seconds']):.0f}" for flow in FLOWS),
        ]
        for cadence in CADENCES
        for memory, chosen in zip(MEMORIES, (few, choice, choice, choice), strict=True)
    ]
    return table(header, rows)
