"""Which runs are made, and their results as plain data. A seed gives the same figures on any machine."""

from __future__ import annotations

from dataclasses import asdict, replace
from statistics import median
from typing import Any

from benchmarks.simulation import load
from benchmarks.simulation.assumptions import Design, Function, Quotas, as_deployed, continuous_intake
from benchmarks.simulation.outcome import Outcome, outcome_of
from benchmarks.simulation.staleness import DENSE_THEN_WIDE, FIXED, Pacing, staleness
from benchmarks.simulation.system import System

SEED = 42
SEEDS = 5
"""A burst is short: the median of so many."""
BURSTS = (20, 50, 100, 250, 500, 1000)
FLOWS = (0.5, 1.3, 2.0, 2.5, 3.0, 5.0, 10.0, 15.0, 25.0, 50.0, 100.0)
SHORT_FLOWS = (1.0, 10.0, 20.0, 30.0, 100.0)
AT_ONCE = (100, 1000, 2500, 5000, 10_000, 20_000)
ACCOUNTS = (10, 50, 1000)
EXAMPLE = (6.9, 6.9)
"""Seconds that the answer of docs/costs.md takes: 500 tokens at 80 a second."""
QUICK = Function(cold_start=1.3)
"""A worker whose zip holds bytecode."""
CHOICES = (
    replace(continuous_intake(answers=8, batch_size=1), name="8 answers"),
    replace(continuous_intake(answers=10, batch_size=1), name="10 answers"),
    replace(continuous_intake(answers=20, batch_size=5), name="20 answers, batches of 5"),
    replace(continuous_intake(answers=20, batch_size=1), name="20 answers"),
    replace(continuous_intake(answers=20, batch_size=1, max_concurrency=30), name="20 answers, 30 workers"),
    replace(
        continuous_intake(answers=20, batch_size=1, max_concurrency=30),
        name="20 answers, 30 workers, ends spread",
        intake_spread=0.5,
    ),
    replace(continuous_intake(answers=30, batch_size=1), name="30 answers"),
    replace(continuous_intake(answers=50, batch_size=1, max_concurrency=20), name="50 answers, 20 workers"),
)
"""Settings to choose the defaults from."""
CHOSEN = next(design for design in CHOICES if design.name == "30 answers")
FEW = CHOICES[0]
"""What 256 MB carry, for flows that are thin."""
GENTLE = replace(
    DENSE_THEN_WIDE,
    name="the same, learnt from 20 sockets",
    widest=4.0,
    widened_by=1.05,
    narrowed_by=0.998,
    shared_by=20,
)


def burst(
    design: Design, number: int, *, quotas: Quotas | None = None, function: Function | None = None
) -> Outcome:
    """Let so many prompts come within a second, on an idle stack; the median of five runs."""
    runs = []
    for seed in range(SEED, SEED + SEEDS):
        system = System(design=design, seed=seed, quotas=quotas or Quotas(), function=function or Function())
        runs.append(asdict(outcome_of(system.run(load.burst(number, seed=seed)))))
    return Outcome(**{name: median(run[name] for run in runs) for name in runs[0]})


def steady(
    design: Design,
    per_second: float,
    *,
    seconds: tuple[float, float] = load.LONG,
    lasts: float = 2400,
    function: Function | None = None,
) -> Outcome:
    """Let prompts come in a steady flow, for forty minutes."""
    system = System(design=design, seed=SEED, function=function or Function())
    return outcome_of(system.run(load.steady(per_second, seed=SEED, seconds=seconds, lasts=lasts)))


def choice(design: Design) -> dict[str, Any]:
    """Return what decides between settings."""
    return {
        "burst of 250": asdict(burst(design, 250)),
        "burst of 250, quick start": asdict(burst(design, 250, function=QUICK)),
        "10 prompts/s": asdict(steady(design, 10)),
        "the example at 1/s": asdict(steady(design, 1, seconds=EXAMPLE)),
        "the example at 10/s": asdict(steady(design, 10, seconds=EXAMPLE)),
        "the example at 10/s, quick start": asdict(steady(design, 10, seconds=EXAMPLE, function=QUICK)),
    }


def everything() -> dict[str, Any]:
    """Make all runs."""
    designs = (as_deployed(), CHOSEN)
    return {
        "seed": SEED,
        "designs": {design.name: asdict(design) for design in designs},
        "bursts": {d.name: {str(n): asdict(burst(d, n)) for n in BURSTS} for d in designs},
        "steady": {d.name: {f"{r:g}": asdict(steady(d, r)) for r in FLOWS} for d in designs},
        "short": {
            d.name: {f"{r:g}": asdict(steady(d, r, seconds=load.SHORT, lasts=1200)) for r in SHORT_FLOWS}
            for d in designs
        },
        "accounts": {str(n): asdict(burst(CHOSEN, 250, quotas=Quotas(concurrency=n))) for n in ACCOUNTS},
        "choices": {design.name: choice(design) for design in CHOICES},
        "staleness": {p.name: _staleness(p) for p in (FIXED, DENSE_THEN_WIDE, GENTLE)},
    }


def _staleness(pacing: Pacing) -> dict[str, Any]:
    return {str(n): asdict(staleness(n, pacing, Quotas(), seed=SEED)) for n in AT_ONCE}
