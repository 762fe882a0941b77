"""The documents' tables of what was simulated."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.simulation.assumptions import as_deployed
from benchmarks.simulation.bill import costs
from benchmarks.simulation.runs import CHOSEN, FEW
from tools.marked import ROOT, table

if TYPE_CHECKING:
    from collections.abc import Mapping

RESULTS = Path(__file__).with_name("results.json")
PICTURE = ROOT / "docs" / "waits.svg"
OLD, NEW = as_deployed().name, CHOSEN.name
Results = dict[str, Any]


def blocks(results: Results) -> dict[str, str]:
    """Return every block by its name."""
    return {
        "bursts": bursts(results),
        "steady": steady(results, "steady"),
        "short": steady(results, "short"),
        "accounts": accounts(results),
        "choices": choices(results),
        "costs": costs(results["choices"][NEW], few=results["choices"][FEW.name]),
        "staleness": staleness(results),
    }


def bursts(results: Results) -> str:
    """So many prompts within a second, both designs."""
    rows = [
        [number, *(_waits(results["bursts"][name][number]) for name in (OLD, NEW))]
        for number in results["bursts"][OLD]
    ]
    return table(["prompts within a second", f"{OLD}: p50 / p95 / longest", f"{NEW}: the same"], rows)


def steady(results: Results, of: str) -> str:
    """A steady flow, both designs."""
    header = ["prompts a second"]
    for name in (OLD, NEW):
        header += [f"{name}: p50 / p95", "expired", "per worker", "worker seconds"]
    rows = [
        [rate, *_flow(results[of][OLD][rate]), *_flow(results[of][NEW][rate])] for rate in results[of][OLD]
    ]
    return table(header, rows)


def _flow(outcome: Mapping[str, float]) -> list[str]:
    return [
        f"{outcome['p50']:.1f} / {outcome['p95']:.1f}",
        f"{outcome['expired']:.0%}",
        f"{outcome['per_worker']:.1f}",
        f"{outcome['worker_seconds']:.1f}",
    ]


def accounts(results: Results) -> str:
    """A burst of 250 with what an account's quota leaves."""
    rows = [
        [number, _waits(outcome), f"{outcome['workers']:.0f}"]
        for number, outcome in results["accounts"].items()
    ]
    return table(["executions left for workers", "p50 / p95 / longest", "workers"], rows)


def choices(results: Results) -> str:
    """What decides between settings."""
    measured = list(next(iter(results["choices"].values())))
    rows = []
    for name, choice in results["choices"].items():
        waits = [f"{choice[one]['p95']:.1f}" for one in measured[:3]]
        seconds = [f"{choice[one]['worker_seconds']:.2f}" for one in measured[3:]]
        rows.append([name, *waits, *seconds])
    header = [f"p95, {one}" for one in measured[:3]] + [f"worker seconds, {one}" for one in measured[3:]]
    return table(["settings", *header], rows)


def staleness(results: Results) -> str:
    """How old text is, by the number of answers."""
    pacings = results["staleness"]
    rows = [
        [f"{int(number):,}", *(_age(pacing[number]) for pacing in pacings.values())]
        for number in next(iter(pacings.values()))
    ]
    return table(["answers at once", *(f"{name}: p50 / p95 / longest" for name in pacings)], rows)


def _age(age: Mapping[str, float]) -> str:
    return f"{age['p50']:.2f} / {age['p95']:.2f} / {age['longest']:.1f}, {age['refused']:.0%} refused"


def _waits(outcome: Mapping[str, float]) -> str:
    return f"{outcome['p50']:.1f} / {outcome['p95']:.1f} / {outcome['longest']:.1f}"
