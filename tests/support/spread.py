"""How the suite is spread over processes: a file stays together, and so do files that share what is costly.

What waits (for leases, for retries, for a browser) comes first, so that what computes fills the gaps.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

FIRST = ("tests/faults", "tests/e2e", "tests/clients", "tests/model", "tests/infra")
SHARED = {"tests/faults": 2, "tests/e2e": 1, "tests/infra": 1}
"""Suites whose files share a deployment or a CDK, and how many processes make one of their own."""


AWS = {"aws", "table"}
"""Fixtures that bring AWS into the process."""


def suite(path: str) -> str:
    """The folder below `tests` that a file or a test is in."""
    return "/".join(path.split("/")[:2])


def is_slow(item: pytest.Item) -> bool:
    """Whether a test needs the emulator, the CDK, a browser or AWS in this process."""
    return suite(item.nodeid) in FIRST or not AWS.isdisjoint(getattr(item, "fixturenames", ()))


def longest_first(items: list[pytest.Item]) -> None:
    """Put the suites that wait before those that compute; within a suite nothing changes."""
    places = {name: place for place, name in enumerate(FIRST)}
    items.sort(key=lambda item: places.get(suite(item.nodeid), len(places)))


def choose(waiting: list[str], mine: set[str], owners: Mapping[str, int]) -> str:
    """Choose the next of the waiting files for a process.

    Args:
        mine: The suites that the process has had files of.
        owners: How many processes have had files of a suite.
    """
    for path in waiting:
        name = suite(path)
        if name in mine or owners.get(name, 0) < SHARED.get(name, len(waiting)):
            return path
    return waiting[0]  # Another deployment costs less than a process that has nothing to do.


class Spread(LoadScopeScheduling):  # type: ignore[misc]
    """Gives each process files of a suite that it is set up for, if it can."""

    def _split_scope(self, nodeid: str) -> str:
        return nodeid.split("::", 1)[0]

    def _assign_work_unit(self, node: Any) -> None:
        had = {other: {suite(path) for path in paths} for other, paths in self.assigned_work.items()}
        owners = {name: sum(name in suites for suites in had.values()) for name in SHARED}
        chosen = choose(list(self.workqueue), had.get(node, set()), owners)
        self.workqueue.move_to_end(chosen, last=False)
        super()._assign_work_unit(node)
