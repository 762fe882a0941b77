"""What takes the place of a hold when a generation ends."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from functions.shared.budgets.late_lines import LateLines
from functions.shared.budgets.model import Amount, Purpose
from tests.support.builders import NOON, USER
from tests.support.ledgers import DAY, MONTH, Budgets, line, of, options


def accepted(**chosen: Any) -> Budgets:
    budgets = Budgets(options(**chosen or {"user_budget": {"day_tokens": 10_000, "held_tokens": 10_000}}))
    budgets.accept("a", input_tokens=10)
    return budgets


def test_what_was_used_takes_the_place_of_what_was_held() -> None:
    budgets = accepted()

    assert budgets.end("a", line())

    for part in (DAY, MONTH):
        assert budgets.count(part).used == budgets.count(part).committed == Amount(10, 30)
    assert budgets.count("HELD").committed == budgets.held() == Amount()
    assert budgets.lines() == [line()]


def test_an_end_is_settled_once() -> None:
    budgets = accepted()
    budgets.end("a", line())

    assert not budgets.end("a", line())
    assert budgets.count().used == Amount(10, 30)


def test_an_answer_that_used_nothing_gives_all_back() -> None:
    budgets = accepted()

    budgets.end("a")

    assert budgets.count().committed == budgets.count().used == budgets.held() == Amount()


def test_it_counts_in_the_day_of_its_acceptance_whenever_it_ends() -> None:
    budgets = accepted()

    budgets.end("a", line(), at=NOON + timedelta(days=20))

    assert budgets.count(DAY).used == budgets.count(MONTH).used == Amount(10, 30)
    assert budgets.count("DAY#2026-12-12").used == Amount()


def test_an_attempt_that_was_given_up_is_noted_and_does_not_count_against_the_user() -> None:
    budgets = accepted()

    budgets.end("a", line(1, is_void=True), line(2))

    assert budgets.count().used == Amount(10, 30)
    assert [each.is_void for each in budgets.lines()] == [True, False]


def test_an_attempt_that_was_given_up_counts_where_a_setting_says_so() -> None:
    budgets = accepted(user_budget={"day_tokens": 10_000}, voided_attempts_count=True)

    budgets.end("a", line(1, is_void=True), line(2))

    assert budgets.count().used == Amount(20, 60)


def test_the_deployment_pays_for_every_call() -> None:
    budgets = accepted(deployment_budget={"day_tokens": 10_000})

    budgets.end("a", line(1, is_void=True), line(2))

    assert budgets.count(user_id="").used == budgets.count(user_id="").committed == Amount(20, 60)
    assert budgets.count().used == Amount(10, 30)


def test_use_is_counted_without_any_limit_too_and_the_deployments_counter_is_not_touched() -> None:
    budgets = Budgets(options())
    budgets.accept("a")

    budgets.end("a", line())

    assert budgets.count().used == budgets.count().committed == Amount(10, 30)
    assert budgets.table.of("BUDGET#") == []


def test_use_is_counted_where_the_limit_came_after_the_prompt() -> None:
    budgets = Budgets(options())
    budgets.accept("a")
    budgets.options = options(user_budget={"day_tokens": 5}, deployment_budget={"day_tokens": 5})

    budgets.end("a", line())

    assert budgets.count().committed == budgets.count(user_id="").committed == Amount(10, 30)


def test_a_line_keeps_tokens_apart_and_what_they_cost_when() -> None:
    noted = line(cached_tokens=2, reasoning_tokens=3, is_estimate=True)
    budgets = accepted()

    budgets.end("a", noted)

    assert budgets.lines() == [noted]
    [item] = budgets.table.of(f"BUDGET#{USER}", "LINE#")
    assert item["sk"]["S"] == "LINE#2026-11-22T12:00:00.000#a#1#1"
    assert item["price_date"]["S"] == "2026-06-20"


def test_a_model_without_a_price_is_noted_without_a_cost() -> None:
    budgets = accepted()

    budgets.end("a", line(model="unheard-of", micros=None))

    assert budgets.lines()[0].micros is None
    assert budgets.count().used == Amount(10, 0)


def test_a_summary_counts_on_the_day_when_it_was_made() -> None:
    budgets = accepted()
    budgets.end("a", line())
    tomorrow = NOON + timedelta(days=1)
    summary = line(call=2, micros=None, purpose=Purpose.SUMMARY)

    late = LateLines(settlements=budgets.ledger, transactions=budgets.transactions, clock=lambda: tomorrow)
    for _ in ("its reply is lost", "it is written again"):
        late.record(of("a"), summary)

    at_list_price = Amount(10, 2 + 8)
    assert budgets.count("DAY#2026-11-23").used == at_list_price
    assert budgets.count("DAY#2026-11-23").committed == at_list_price
    assert budgets.lines()[-1] == replace(summary, micros=10)


@pytest.mark.parametrize("days", [32, 400])
def test_everything_has_an_end(days: int) -> None:
    budgets = accepted(user_budget={"day_tokens": 10_000}, ledger_days=days)
    budgets.accept("b")
    budgets.end("a", line())

    kept = NOON + timedelta(days=days)
    ends = [int(item["expires_at"]["N"]) for item in budgets.table.of(f"BUDGET#{USER}")]
    assert len(ends) == 4
    assert all(end > kept.timestamp() for end in ends)
