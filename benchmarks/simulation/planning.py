"""Simulates one stack of each plan of docs/scaling.md, and its sockets coming back; writes both tables.

Without an argument everything is simulated again (a minute). `--check` only compares the document with the
results; tests/unit/benchmarks/test_planning.py compares the results with the simulation.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, replace
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

from benchmarks.simulation import load
from benchmarks.simulation.assumptions import Quotas, continuous_intake
from benchmarks.simulation.outcome import Outcome, outcome_of, quantile
from benchmarks.simulation.reconnects import reconnects
from benchmarks.simulation.runs import SEED
from benchmarks.simulation.system import System
from tools import marked
from tools.capacity.planning import LARGEST, USERS, plan, planned, reconnecting

if TYPE_CHECKING:
    from benchmarks.simulation.backlog import Prompt
    from tools.costs.load import Load

RESULTS = Path(__file__).with_name("planning.json")
GATHERING, STEADY = 120.0, 60.0
"""Seconds in which the users come, and in which waits are taken afterwards."""
SOCKETS = (10_000, 100_000, 200_000)


def one_stack(users: int, *, gathering: float = GATHERING, steady: float = STEADY) -> Outcome:
    """Let the users of one stack of the plan come to it, and take the waits of a steady flow."""
    share = plan(users).of_one_stack
    design = continuous_intake(
        answers=LARGEST.worker_answers,
        max_concurrency=LARGEST.worker_max_concurrency,
        batch_size=LARGEST.worker_batch_size,
    )
    system = System(design=design, seed=SEED, quotas=Quotas(concurrency=LARGEST.worker_max_concurrency))
    outcome = outcome_of(system.run(_prompts(share, gathering=gathering, lasts=gathering + steady)))
    later = [prompt for prompt in system.answered if prompt.asked >= gathering]
    waits = sorted(prompt.wait for prompt in later)
    return replace(
        outcome,
        p50=quantile(waits, 0.50),
        p95=quantile(waits, 0.95),
        longest=waits[-1],
        expired=sum(prompt.expired for prompt in later) / len(later),
    )


def _prompts(share: Load, *, gathering: float, lasts: float) -> list[Prompt]:
    """Return prompts whose rate grows to that of the share, and stays there."""
    seconds = (share.answer_seconds, share.answer_seconds)
    full = load.steady(share.prompts_per_second, seed=SEED, lasts=lasts, seconds=seconds)
    random = Random(SEED)  # noqa: S311 - a simulation
    return [prompt for prompt in full if random.random() * gathering <= prompt.asked]


def everything() -> dict[str, Any]:
    """Make all runs."""
    return {
        "stacks": {str(users): asdict(one_stack(users)) for users in USERS},
        "reconnects": {
            str(sockets): asdict(reconnects(sockets, per_second=500, at_once=500, seed=SEED))
            for sockets in SOCKETS
        },
    }


def blocks(results: dict[str, Any]) -> dict[str, str]:
    """Return both tables."""
    return {"plan": planned(results["stacks"]), "reconnects": reconnecting(results["reconnects"])}


if __name__ == "__main__":
    if not sys.argv[1:]:
        RESULTS.write_text(json.dumps(everything(), indent=1) + "\n")
    sys.exit(marked.run("planning", blocks(json.loads(RESULTS.read_text())), sys.argv[1:] or ["--write"]))
