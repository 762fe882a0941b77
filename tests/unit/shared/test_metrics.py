"""Each metric is counted by the function that it names, and by no other."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from functions.shared.metrics import Metric

FUNCTIONS = Path(__file__).resolve().parents[3] / "functions"


@pytest.mark.parametrize("metric", Metric)
def test_a_metric_is_counted_by_the_function_that_it_names(metric: Metric) -> None:
    use = re.compile(rf"\bMetric\.{metric.name}\b")

    found = {
        path.relative_to(FUNCTIONS).parts[0]
        for path in FUNCTIONS.rglob("*.py")
        if use.search(path.read_text())
    }

    assert found == {metric.service}


def test_a_metric_is_its_name() -> None:
    assert str(Metric.REJECTED_CONNECTS) == Metric.REJECTED_CONNECTS.value == "RejectedConnects"
