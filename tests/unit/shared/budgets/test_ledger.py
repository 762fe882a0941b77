"""What is held when a prompt is accepted, and which prompts a budget refuses."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from functions.shared.budgets.items import override_item
from functions.shared.budgets.limits import limits_from
from functions.shared.budgets.model import Amount
from functions.shared.budgets.refusals import BudgetExceeded
from functions.shared.errors import Forbidden
from tests.support.builders import NOON, USER, generation
from tests.support.fake_table import key_of
from tests.support.ledgers import DAY, MONTH, Budgets, line, options

HOLD = Amount(tokens=110, micros=203)
"""Ten tokens of input at 0.25 and 100 of output at 2 dollars for a million, rounded up."""
LATE = datetime(2026, 11, 30, 23, 59, tzinfo=UTC)


def budgets(**chosen: Any) -> Budgets:
    return Budgets(options(**chosen))


def override(given: dict[str, Any], into: Budgets) -> None:
    item = override_item(USER, limits_from(given), expires_at=NOON + timedelta(days=400))
    into.table.items[key_of(item)] = item


def test_without_any_limit_nothing_is_held() -> None:
    open_to_all = budgets()

    assert open_to_all.accept("a", input_tokens=10)
    assert open_to_all.table.of(f"BUDGET#{USER}") == []


def test_a_hold_is_the_prompt_and_the_largest_output_in_tokens_and_at_the_models_price() -> None:
    limited = budgets(user_budget={"day_tokens": 1000})

    limited.accept("a", input_tokens=10)

    assert limited.held() == HOLD
    assert limited.count(DAY).committed == limited.count(MONTH).committed == HOLD
    assert limited.count(DAY).used == Amount()


@pytest.mark.parametrize(
    ("budget", "limit"),
    [
        ({"day_tokens": 219}, "user_day_tokens"),
        ({"month_tokens": 219}, "user_month_tokens"),
        ({"held_tokens": 219}, "user_held_tokens"),
        ({"day_usd": 405}, "user_day_usd"),
        ({"month_usd": 405}, "user_month_usd"),
        ({"held_usd": 405}, "user_held_usd"),
    ],
)
@pytest.mark.parametrize("scope", ["user_budget", "deployment_budget"])
def test_what_does_not_fit_is_refused_by_name(scope: str, budget: dict[str, int], limit: str) -> None:
    limited = budgets(**{scope: budget})
    limited.accept("a", input_tokens=10)

    with pytest.raises(BudgetExceeded) as refused:
        limited.accept("b", input_tokens=10)

    assert refused.value.facts["limit"] == limit.replace("user", scope.removesuffix("_budget"))
    assert limited.held() == HOLD


@pytest.mark.parametrize("scope", ["user_budget", "deployment_budget"])
def test_exactly_as_much_as_the_limit_fits(scope: str) -> None:
    limited = budgets(**{scope: {"day_tokens": 220, "day_usd": 406}})

    assert limited.accept("a", input_tokens=10)
    assert limited.accept("b", input_tokens=10)


@pytest.mark.parametrize(
    "budget", [{"day_tokens": 0}, {"month_usd": 0}, {"held_usd": 0}, {"day_tokens": 109}]
)
@pytest.mark.parametrize("scope", ["user_budget", "deployment_budget"])
def test_a_limit_of_zero_or_below_one_hold_allows_nothing(scope: str, budget: dict[str, int]) -> None:
    with pytest.raises(BudgetExceeded):
        budgets(**{scope: budget}).accept("a", input_tokens=10)


def test_a_users_budget_is_not_another_users() -> None:
    limited = budgets(user_budget={"day_tokens": 110})
    limited.accept("a", input_tokens=10)

    assert limited.accept("b", input_tokens=10, user_id="another")


def test_the_deployments_budget_is_everybodys() -> None:
    limited = budgets(deployment_budget={"day_tokens": 110})
    limited.accept("a", input_tokens=10)

    with pytest.raises(BudgetExceeded, match="Today"):
        limited.accept("b", input_tokens=10, user_id="another")
    assert limited.count(DAY, user_id="").committed == HOLD


@pytest.mark.parametrize(
    ("budget", "resets_at", "retry_after"),
    [
        ({"day_tokens": 0}, "2026-12-01T00:00:00.000Z", 60),
        ({"month_tokens": 0}, "2026-12-01T00:00:00.000Z", 60),
        ({"held_tokens": 0}, "2026-11-30T23:59:05.000Z", 5),
    ],
)
def test_a_refusal_says_when_there_is_more(budget: dict[str, int], resets_at: str, retry_after: int) -> None:
    with pytest.raises(BudgetExceeded) as refused:
        budgets(user_budget=budget).accept("a", at=LATE)

    assert (refused.value.facts["resets_at"], refused.value.facts["retry_after"]) == (resets_at, retry_after)
    assert refused.value.headers() == {"Retry-After": str(retry_after)}
    assert (refused.value.status.value, refused.value.code) == (429, "budget_exceeded")


def test_the_next_day_and_month_begin_at_nothing() -> None:
    limited = budgets(user_budget={"day_tokens": 110, "month_tokens": 110})
    limited.accept("a", at=LATE, input_tokens=10)

    assert limited.accept("b", at=LATE + timedelta(minutes=1), input_tokens=10)


def test_a_repeated_prompt_is_held_once() -> None:
    limited = budgets(user_budget={"day_tokens": 1000})

    assert limited.accept("a")
    assert not limited.accept("a")
    assert limited.held().tokens == limited.count().committed.tokens == 100


def test_a_prompt_that_was_withdrawn_is_held_anew() -> None:
    limited = budgets(user_budget={"day_tokens": 100})
    limited.accept("a")
    limited.withdraw("a")
    assert limited.count().committed == limited.held() == Amount()

    assert limited.accept("a")
    assert limited.held().tokens == 100


def test_a_claim_counts_before_the_setting_and_an_override_before_both() -> None:
    limited = budgets(user_budget={"day_tokens": 100})

    assert limited.accept("a", claim={"day_tokens": 200})
    assert limited.accept("b", claim={"day_tokens": 200})
    override({"day_tokens": 0}, limited)
    with pytest.raises(BudgetExceeded):
        limited.accept("c", claim={"day_tokens": 999})
    override({"day_tokens": None}, limited)
    assert limited.accept("c", claim={"day_tokens": 200})


def test_an_override_counts_where_no_setting_does() -> None:
    open_to_all = budgets()
    override({"day_tokens": 0}, open_to_all)

    with pytest.raises(BudgetExceeded):
        open_to_all.accept("a")
    assert open_to_all.accept("a", user_id="another")


def test_money_cannot_be_limited_where_the_model_has_no_price() -> None:
    unpriced = generation(model="unheard-of")

    with pytest.raises(Forbidden) as refused:
        budgets().ledger.hold(unpriced, input_tokens=1, now=NOON, claim={"day_usd": 5})
    assert refused.value.reason == "budget_without_price"


def test_what_was_used_beyond_the_limit_keeps_the_next_prompt_out() -> None:
    limited = budgets(user_budget={"day_tokens": 100})
    limited.accept("a")
    limited.end("a", line(input_tokens=500, output_tokens=500))

    assert limited.count().used.tokens == 1000
    with pytest.raises(BudgetExceeded):
        limited.accept("b")


def test_a_hold_that_was_left_over_is_released_before_anything_is_refused() -> None:
    limited = budgets(user_budget={"day_tokens": 150, "month_tokens": 150, "held_tokens": 150})
    limited.accept("lost")
    limited.ends.ended.add("lost")
    much_later = NOON + timedelta(hours=2)

    assert limited.accept("a", at=much_later)
    assert len(limited.left_over) == 1
    assert limited.held() == limited.count().committed == limited.count("HELD").committed


def test_a_hold_left_over_from_yesterday_is_released_from_the_month() -> None:
    limited = budgets(user_budget={"month_tokens": 150})
    limited.accept("lost")
    limited.ends.ended.add("lost")
    tomorrow = NOON + timedelta(days=1)

    assert limited.accept("a", at=tomorrow)
    assert limited.count(MONTH).committed.tokens == limited.held().tokens == 100


def test_a_hold_whose_answer_is_under_way_is_left_alone() -> None:
    limited = budgets(user_budget={"day_tokens": 150})
    limited.accept("slow")

    with pytest.raises(BudgetExceeded):
        limited.accept("a", at=NOON + timedelta(hours=2))
    assert limited.left_over == []


def test_a_hold_is_not_looked_after_before_its_answer_should_have_ended() -> None:
    limited = budgets(user_budget={"day_tokens": 150})
    limited.accept("a")
    limited.ends.ended.add("a")

    with pytest.raises(BudgetExceeded):
        limited.accept("b", at=NOON + timedelta(minutes=10))


def test_a_hold_that_a_generation_has_already_is_taken_over() -> None:
    """Its record was withdrawn by a release that did not know holds."""
    limited = budgets(user_budget={"day_tokens": 100})
    limited.accept("a")
    limited.table.items[("GENERATION#a", "META")]["status"] = {"S": "withdrawn"}

    assert limited.accept("a")

    assert limited.held() == limited.count().committed
    assert limited.held().tokens == 100
