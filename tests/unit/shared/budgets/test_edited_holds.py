"""What is held for a prompt that is changed while it waits."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from functions.shared.budgets.model import Amount
from functions.shared.budgets.refusals import BudgetExceeded
from functions.shared.transactions import Cancelled
from tests.support.builders import NOON, USER
from tests.support.ledgers import DAY, MONTH, Budgets, of, options

DEPLOYMENT = ""


def waiting(**chosen: Any) -> Budgets:
    """A prompt of ten tokens that waits, with a hundred for its answer."""
    budgets = Budgets(options(**chosen))
    budgets.accept("a", input_tokens=10)
    return budgets


@pytest.mark.parametrize("tokens", [0, 9, 11, 900])
def test_a_longer_or_shorter_prompt_is_held_instead_of_the_former(tokens: int) -> None:
    budgets = waiting(
        user_budget={"day_tokens": 1000, "held_tokens": 1000}, deployment_budget={"day_usd": 9000}
    )

    budgets.edit("a", input_tokens=tokens)

    assert budgets.held().tokens == 100 + tokens
    for part, owner in ((DAY, USER), (MONTH, USER), ("HELD", USER), (DAY, DEPLOYMENT), (MONTH, DEPLOYMENT)):
        assert budgets.count(part, owner).committed == budgets.held()


@pytest.mark.parametrize("scope", ["user", "deployment"])
@pytest.mark.parametrize(
    "name", ["day_tokens", "month_tokens", "held_tokens", "day_usd", "month_usd", "held_usd"]
)
def test_a_longer_prompt_is_refused_that_no_longer_fits_and_nothing_changes(scope: str, name: str) -> None:
    budgets = waiting(**{f"{scope}_budget": {name: 203 + 24 if name.endswith("usd") else 199}})
    before = dict(budgets.table.items)

    budgets.edit("a", input_tokens=99)
    budgets.edit("a", input_tokens=10)
    with pytest.raises(BudgetExceeded) as refused:
        budgets.edit("a", input_tokens=120)

    assert refused.value.facts["limit"] == f"{scope}_{name}"
    assert budgets.table.items == before


def test_a_shorter_prompt_fits_also_where_more_is_used_than_is_allowed_by_now() -> None:
    budgets = waiting(user_budget={"day_tokens": 1000})
    budgets.options = options(user_budget={"day_tokens": 20, "day_usd": 0})

    budgets.edit("a", input_tokens=5)

    assert budgets.held().tokens == budgets.count().committed.tokens == 105


def test_the_hold_stays_in_the_day_of_its_acceptance() -> None:
    budgets = waiting(user_budget={"day_tokens": 1000})

    budgets.edit("a", input_tokens=20, at=NOON + timedelta(days=1))
    budgets.end("a", at=NOON + timedelta(days=1))

    assert budgets.count(DAY).committed == budgets.held() == Amount()
    assert not budgets.table.of(f"BUDGET#{USER}", "DAY#2026-11-23")


def test_what_was_accepted_before_there_was_a_limit_is_held_when_it_is_changed() -> None:
    budgets = Budgets(options())
    budgets.accept("a", input_tokens=10)
    budgets.edit("a", input_tokens=20)
    assert budgets.held() == Amount()

    budgets.options = options(user_budget={"day_tokens": 200})
    budgets.edit("a", input_tokens=20)

    assert budgets.held().tokens == budgets.count().committed.tokens == 120


def test_of_two_changes_at_once_the_second_is_decided_anew() -> None:
    budgets = waiting(user_budget={"day_tokens": 1000})
    slower = budgets.ledger.rehold(of("a"), input_tokens=50, now=NOON).entries
    budgets.edit("a", input_tokens=20)

    with pytest.raises(Cancelled):
        budgets.transactions.run(slower)

    assert budgets.held().tokens == budgets.count().committed.tokens == 120
