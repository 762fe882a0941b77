"""What a run showed, in a few figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.simulation.system import System


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Waits for the first word in seconds; an expired prompt waited until that was said."""

    p50: float
    p95: float
    longest: float
    expired: float
    """The share of prompts that were not answered."""
    per_worker: float
    """How many answers a worker makes at a time, on average."""
    worker_seconds: float
    """Billed seconds for each answer, cold starts included."""
    workers: int
    """The most at once."""


def outcome_of(system: System) -> Outcome:
    """Add up a run that is over."""
    prompts = system.answered
    waits = sorted(prompt.wait for prompt in prompts)
    answers = [prompt for prompt in prompts if not prompt.expired]
    making = sum(prompt.seconds for prompt in answers)
    return Outcome(
        p50=quantile(waits, 0.50),
        p95=quantile(waits, 0.95),
        longest=waits[-1],
        expired=1 - len(answers) / len(prompts),
        per_worker=making / system.worker_seconds,
        worker_seconds=system.worker_seconds / max(len(answers), 1),
        workers=system.busiest,
    )


def quantile(ordered: Sequence[float], share: float) -> float:
    """Return the smallest value that this share of all does not exceed."""
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)]
