"""Metric math, as CloudWatch documents it."""

from __future__ import annotations

import pytest

from local.dashboard.expressions import MetricMath, Series, UnknownExpression

TIMES = [0, 60, 120]


def compute(expression: str, **metrics: Series) -> Series:
    return MetricMath(metrics=metrics, times=TIMES, period=60).compute(expression)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("a + b", 8.0),
        ("a - b", 4.0),
        ("a * b", 12.0),
        ("a / b", 3.0),
        ("2 * (a + 1) / b", 7.0),
        ("a / 1000", 0.006),
    ],
)
def test_numbers_and_metrics_are_combined(expression: str, value: float) -> None:
    assert compute(expression, a={0: 6.0}, b={0: 2.0}) == {0: value}


def test_there_is_data_only_where_both_sides_have_some() -> None:
    assert compute("a + b", a={0: 1.0, 60: 2.0}, b={60: 3.0, 120: 4.0}) == {60: 5.0}


def test_what_is_divided_by_nothing_is_no_data() -> None:
    assert compute("a / b", a={0: 1.0, 60: 1.0}, b={0: 0.0, 60: 2.0}) == {60: 0.5}
    assert compute("1 / a", a={0: 0.0}) == {}


def test_fill_puts_a_number_where_there_is_no_data() -> None:
    assert compute("FILL(a, 0)", a={60: 2.0}) == {0: 0.0, 60: 2.0, 120: 0.0}
    assert compute("FILL(a, 0) + FILL(b, 1)", a={60: 2.0}, b={}) == {0: 1.0, 60: 3.0, 120: 1.0}


def test_period_is_the_length_of_a_point_in_seconds() -> None:
    assert compute("a / PERIOD(a)", a={0: 30.0}) == {0: 0.5}


def test_sum_adds_what_there_is() -> None:
    assert compute("SUM([a, b])", a={0: 1.0, 60: 2.0}, b={60: 3.0}) == {0: 1.0, 60: 5.0}


def test_if_takes_one_of_two_by_a_condition() -> None:
    rate = "IF(n >= 10, 100 * bad / n, 0)"

    assert compute(rate, n={0: 20.0, 60: 5.0}, bad={0: 5.0, 60: 5.0}) == {0: 25.0, 60: 0.0}
    assert compute("IF(n > 1, bad, 7)", n={0: 2.0, 60: 1.0}, bad={60: 5.0}) == {60: 7.0}


def test_a_number_alone_is_a_line() -> None:
    assert compute("3 * 2") == {0: 6.0, 60: 6.0, 120: 6.0}


@pytest.mark.parametrize(
    "expression",
    [
        "missing + 1",
        "METRICS()",
        "a ** 2",
        "FILL(a, REPEAT)",
        "SUM(a)",
        "a if a else a",
        "a +",
        "__import__('os')",
    ],
)
def test_what_this_page_cannot_compute_is_named_and_not_guessed(expression: str) -> None:
    with pytest.raises(UnknownExpression, match="cannot be computed here"):
        compute(expression, a={0: 1.0})
