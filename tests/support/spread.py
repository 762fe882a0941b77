"""How the suite is spread over processes: a file stays together, and so do files that share what is costly.

What takes longest, or waits (for leases, for retries, for a browser), comes first. What computes fills the
gaps: with more than two processes to each processor, the last one does nothing else, and gives way to all
others, so that no lease runs out because of it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

FIRST = ("tests/faults", "tests/e2e", "tests/clients", "tests/model", "tests/infra")
SHARED = {"tests/faults": 2, "tests/e2e": 2, "tests/infra": 1}
"""Suites whose files share a deployment or a CDK, and how many processes make one of their own."""
FULL = "tests/e2e/full"
APART = {
    "tests/e2e/test_budgets.py": FULL,
    "tests/e2e/test_forms_and_files.py": FULL,
    "tests/e2e/test_public_keys.py": FULL,
    "tests/e2e/test_leftovers.py": "",
    "tests/e2e/test_restoring.py": "",
    "tests/e2e/test_smoke.py": "",
    "tests/e2e/test_survival.py": "",
    "tests/faults/test_deployments.py": "",
}
"""Files that do without their suite's deployment. Those that share another one are named after it."""
LONG = (
    "tests/faults/test_deployments.py",
    "tests/faults/test_workers.py",
    "tests/clients/test_page_on_the_system.py",
    "tests/faults/test_alarms.py",
    "tests/e2e/test_openapi.py",
    "tests/clients/test_page.py",
    "tests/clients",
    "tests/e2e/test_permissions.py",
    "tests/e2e/test_budgets.py",
    "tests/faults/test_storage.py",
    "tests/faults/test_intake.py",
    "tests/e2e/test_devices.py",
    "tests/model/test_model.py",
    "tests/e2e/test_smoke.py",
    "tests/infra/test_synth.py",
)
"""Files and suites that take a minute or more; those come first that others of their suite follow."""

COMPUTING = ("tests/model", "tests/infra", "tests/integration", "tests/unit")
"""Suites that wait for nothing, as the filling process takes them: the longest first."""
GIVES_WAY = 10
"""How nice the filling process is; a processor that two want gives it a tenth."""


AWS = {"aws", "table"}
"""Fixtures that bring AWS into the process."""


def suite(path: str) -> str:
    """The folder below `tests` that a file or a test is in."""
    return "/".join(path.split("/")[:2])


def unit_of(path: str) -> str:
    """What goes to one process as a whole: a file, or files that share a deployment of their own."""
    return APART.get(path) or path


def shares(unit: str) -> str:
    """What a unit shares with others: its suite's deployment, or nothing but with itself."""
    return unit if unit in APART or unit == FULL else suite(unit)


def is_slow(item: pytest.Item) -> bool:
    """Whether a test needs the emulator, the CDK, a browser or AWS in this process."""
    return suite(item.nodeid) in FIRST or not AWS.isdisjoint(getattr(item, "fixturenames", ()))


def place_of(path: str) -> tuple[int, int]:
    """Where a file comes: long ones, then suites that wait, then those that compute."""
    name = suite(path)
    long = [place for place, each in enumerate(LONG) if each in {path, name}]
    return (long or [len(LONG)])[0], FIRST.index(name) if name in FIRST else len(FIRST)


def longest_first(items: list[pytest.Item]) -> None:
    """Put what takes long before what does not; within a file nothing changes."""
    items.sort(key=lambda item: place_of(item.nodeid.split("::", 1)[0]))


def choose(waiting: list[str], mine: set[str], owners: Mapping[str, int], *, is_next: bool = False) -> str:
    """Choose the next of the waiting units for a process.

    Args:
        mine: What the process has had units of.
        owners: How many processes have had units of a suite.
        is_next: Whether the process still works on another one, perhaps for long.
    """
    for unit in waiting:
        if shares(unit) in mine & SHARED.keys():
            return unit
    # What is next waits for the other one. Nothing long should, and the last ones are short.
    order = waiting[::-1] if is_next else waiting
    for unit in order:
        name = shares(unit)
        if owners.get(name, 0) < SHARED.get(name, len(waiting)):
            return unit
    return order[0]  # Another deployment costs less than a process that has nothing to do.


def fills_gaps(worker: str, workers: int) -> bool:
    """Whether a process, by its xdist name, does what computes and nothing else."""
    return worker == f"gw{workers - 1}" and workers > 2 * processors()


def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def choose_computing(waiting: list[str]) -> str | None:
    """Choose the next of the waiting units for the filling process, if there is one for it."""
    computing = [unit for unit in waiting if suite(unit) in COMPUTING]
    return min(computing, key=lambda unit: COMPUTING.index(suite(unit)), default=None)


class Spread(LoadScopeScheduling):  # type: ignore[misc]
    """Gives each process units of what it is set up for, if it can."""

    def _split_scope(self, nodeid: str) -> str:
        return unit_of(nodeid.split("::", 1)[0])

    def _assign_work_unit(self, node: Any) -> None:
        # Of a process that crashed, xdist puts back also what that had done already.
        for done in [unit for unit, tests in self.workqueue.items() if all(tests.values())]:
            del self.workqueue[done]
        chosen = self._choose(node) if self.workqueue else None
        if chosen is None:
            node.shutdown()
        else:
            self.workqueue.move_to_end(chosen, last=False)
            super()._assign_work_unit(node)

    def _choose(self, node: Any) -> str | None:
        waiting = list(self.workqueue)
        is_alone = all(other is node or other.shutting_down for other in self.nodes)
        if fills_gaps(node.gateway.id, self.numnodes) and not is_alone:
            return choose_computing(waiting)
        had = {other: {shares(unit) for unit in units} for other, units in self.assigned_work.items()}
        owners = {name: sum(name in suites for suites in had.values()) for name in SHARED}
        is_next = self._pending_of(self.assigned_work.get(node, {})) > 0
        return choose(waiting, had.get(node, set()), owners, is_next=is_next)
