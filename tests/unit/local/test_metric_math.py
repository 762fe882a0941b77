"""Metric math, as far as alarms and dashboard use it."""

from __future__ import annotations

import pytest

from infra.alarm_sources import Math
from infra.alarm_table import ALARMS
from local.cloudwatch.metric_math import NotUnderstoodError, evaluate


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("a + b", 5),
        ("100 * a / (a + b)", 40),
        ("a / zero", None),
        ("a + nothing", None),
        ("FILL(nothing, 0) + a", 2),
        ("IF(b >= 3, a, 0)", 2),
        ("IF(b > 3, a, 0)", 0),
        ("SUM(a, nothing, b)", 5),
        ("MAX(a, b) - MIN(a, b)", 1),
        ("a / PERIOD(a)", 2 / 60),
    ],
)
def test_an_expression_is_computed_and_silence_is_not_zero(expression: str, value: float | None) -> None:
    values = {"a": 2.0, "b": 3.0, "zero": 0.0, "nothing": None}

    assert evaluate(expression, values, period=60) == value


@pytest.mark.parametrize("expression", ["c", "a ** b", "RATE(a)", "__import__('os')", "a.real", "'text'"])
def test_what_is_not_known_is_not_guessed(expression: str) -> None:
    with pytest.raises(NotUnderstoodError):
        evaluate(expression, {"a": 1, "b": 1}, period=60)


@pytest.mark.parametrize(
    "row", [row for row in ALARMS if isinstance(row.watches, Math)], ids=lambda row: row.name
)
def test_every_expression_of_an_alarm_is_understood_and_silence_raises_none(row: object) -> None:
    assert isinstance(row.watches, Math)  # type: ignore[attr-defined]

    silent = evaluate(row.watches.with_zeros(), dict.fromkeys(row.terms), period=60)  # type: ignore[attr-defined]

    assert silent == 0
