"""How near the deployment is to its budget is measured once a minute."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from functions.shared.budgets.watch import BudgetWatch
from tests.support.builders import NOON
from tests.support.ledgers import Budgets, line, options


def watched(budgets: Budgets, measured: list[int]) -> BudgetWatch:
    client: Any = budgets.table
    return BudgetWatch(client=client, table="t", options=budgets.options, measure=measured.append)


@pytest.mark.parametrize(
    ("budget", "percent"),
    [({"day_tokens": 1000}, 11), ({"day_tokens": 1000, "month_usd": 250}, 92), ({"month_tokens": 0}, 100)],
)
def test_the_nearest_limit_counts_with_what_is_held(budget: dict[str, int], percent: int) -> None:
    budgets, measured = Budgets(options(deployment_budget={"day_tokens": 9000})), list[int]()
    budgets.accept("a")
    budgets.accept("b")
    budgets.end("a", line(micros=30))
    budgets.options = options(deployment_budget=budget)

    watched(budgets, measured).look(now=NOON)

    assert measured == [percent]


def test_it_is_measured_once_a_minute() -> None:
    measured: list[int] = []
    watch = watched(Budgets(options(deployment_budget={"day_tokens": 9000})), measured)

    for seconds in (0, 30, 59, 60, 61):
        watch.look(now=NOON + timedelta(seconds=seconds))

    assert measured == [0, 0]


@pytest.mark.parametrize("budget", [{}, {"held_tokens": 5}])
def test_without_a_limit_for_a_period_nothing_is_measured(budget: dict[str, int]) -> None:
    measured: list[int] = []

    watched(Budgets(options(deployment_budget=budget)), measured).look(now=NOON)

    assert measured == []
