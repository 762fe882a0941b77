"""How limits are written, and which of several counts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from functions.shared.budgets.limits import (
    BudgetRule,
    is_limited,
    limits_from,
    limits_money,
    together,
    written,
)
from functions.shared.budgets.periods import Period, day_of, end_of, month_of, seconds_until


def test_no_limit_is_not_a_limit_of_zero() -> None:
    nothing, zero = limits_from({"day_tokens": None}), limits_from({"day_tokens": 0})

    assert (nothing["day_tokens"], zero["day_tokens"]) == (None, 0)
    assert not is_limited(nothing)
    assert is_limited(zero)


def test_the_later_limits_count_name_by_name() -> None:
    settings, claim, override = {"day_tokens": 1, "day_usd": 2}, {"day_tokens": 3}, {"day_usd": None}

    assert together(settings, claim, override) == {"day_tokens": 3, "day_usd": None}


@pytest.mark.parametrize(
    "given",
    [
        *(None, 5, "day_tokens=5", [], True),
        *(
            {"day_token": 1},
            {"day_tokens": -1},
            {"day_tokens": 1.5},
            {"day_tokens": "7"},
            {"day_tokens": True},
        ),
        *(
            {"day_usd": -1},
            {"day_usd": "a"},
            {"day_usd": float("nan")},
            {"month_usd": True},
            {"held_usd": []},
        ),
        {"day_tokens": 10**16},
    ],
)
def test_limits_that_cannot_be_read_are_refused_and_never_no_limit(given: object) -> None:
    with pytest.raises(ValueError, match="must"):
        limits_from(given)


@pytest.mark.parametrize(
    "given",
    [
        "day_tokens=0, month_usd=5.25",
        {"day_tokens": 0, "month_usd": "5.25"},
        {"day_tokens": 0, "month_usd": 5.25},
    ],
)
def test_a_setting_is_read_and_written_alike(given: object) -> None:
    rule = BudgetRule()
    chosen = rule.parse(given)

    assert dict(chosen) == {"day_tokens": 0, "month_usd": 5_250_000}
    assert rule.read(rule.text_of(chosen)) == chosen == rule.parse(rule.in_json(chosen))
    assert limits_money(dict(chosen))


@pytest.mark.parametrize(
    "given", ["day_tokens", "day_tokens=1,day_tokens=2", "day=5", "month_usd=", "held_tokens=1.5"]
)
def test_a_setting_that_is_no_budget_is_refused_with_a_reason(given: str) -> None:
    with pytest.raises(ValueError, match="must"):
        BudgetRule().parse(given)


def test_an_empty_setting_limits_nothing() -> None:
    assert BudgetRule().read("") == ()


def test_limits_are_shown_as_they_are_given() -> None:
    assert written({"day_tokens": 5, "day_usd": 1, "held_usd": None}) == {
        "day_tokens": 5,
        "day_usd": "0.000001",
        "held_usd": None,
    }


def test_periods_are_days_and_months_in_utc() -> None:
    late = datetime(2026, 12, 31, 23, 30, tzinfo=timezone(timedelta(hours=-2)))

    assert (day_of(late), month_of(late)) == ("2027-01-01", "2027-01")


@pytest.mark.parametrize(
    ("period", "end"),
    [
        (Period.DAY, datetime(2027, 1, 1, tzinfo=UTC)),
        (Period.MONTH, datetime(2027, 1, 1, tzinfo=UTC)),
        (Period.HELD, None),
    ],
)
def test_a_period_ends_when_the_next_one_begins(period: Period, end: datetime | None) -> None:
    assert end_of(period, now=datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC)) == end


def test_a_wait_is_whole_seconds_and_at_least_one() -> None:
    now = datetime(2026, 12, 31, tzinfo=UTC)

    assert seconds_until(now + timedelta(seconds=1.2), now=now) == 2
    assert seconds_until(now, now=now) == 1
