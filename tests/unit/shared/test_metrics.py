"""The table of metrics: who measures what, and words that are all that there are."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from functions.shared.errors import Refused
from functions.shared.generations.failures import Failure
from functions.shared.metric_dimensions import FAILURE, OTHER, STATUS, Dimension
from functions.shared.metrics import Metric, parts, totals

FUNCTIONS = Path(__file__).resolve().parents[3] / "functions"
SECRET_OR_COUNTLESS = re.compile(r"user_id|connection|generation|chat|token|address|ip\b")


@cache
def users() -> dict[str, set[str]]:
    """The functions that use each metric, by its name."""
    found: dict[str, set[str]] = {}
    for path in FUNCTIONS.rglob("*.py"):
        for name in re.findall(r"\bMetric\.([A-Z_]+)\b", path.read_text()):
            found.setdefault(name, set()).add(path.relative_to(FUNCTIONS).parts[0])
    return found


@pytest.mark.parametrize("metric", Metric)
def test_a_metric_is_measured_by_the_functions_that_it_names(metric: Metric) -> None:
    assert users().get(metric.name) == set(metric.services)


def test_a_metric_is_its_name() -> None:
    assert str(Metric.REJECTED_CONNECTS) == Metric.REJECTED_CONNECTS.value == "RejectedConnects"


@pytest.mark.parametrize("metric", Metric)
def test_a_metric_is_split_by_few_words_and_by_no_id(metric: Metric) -> None:
    for dimension in metric.dimensions:
        assert len(dimension.values) < 20
        assert not SECRET_OR_COUNTLESS.search(dimension.name)


def test_a_value_that_is_on_no_list_is_counted_as_other() -> None:
    code = Dimension("code", ("1000", "1001"))

    assert [code.word(value) for value in (1000, "1001", 4711, None)] == ["1000", "1001", OTHER, OTHER]


def test_every_failure_and_every_refusal_has_a_word() -> None:
    assert set(FAILURE.words) == {failure.code for failure in Failure}
    assert {str(refused.status.value) for refused in Refused.__subclasses__()} <= set(STATUS.words)


def test_what_is_billed_is_each_total_of_a_function_and_each_word() -> None:
    assert totals() == sum(len(metric.services) for metric in Metric)
    assert parts() == sum(len(dimension.words) + 1 for metric in Metric for dimension in metric.dimensions)
