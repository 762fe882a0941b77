from __future__ import annotations

import os
import statistics
from pathlib import Path

import pytest

from benchmarks.report import distribution, quantile, read_result, spread, versions, write_result


def test_a_result_says_all_that_another_run_is_compared_by(tmp_path: Path) -> None:
    samples = [{"users": 10, "first_text": 0.123456789}]

    path = write_result("load", {"size": "short"}, samples, seed=7, repetitions=3, directory=tmp_path)

    assert path == tmp_path / "load.json"
    result = read_result("load", directory=tmp_path)
    assert result["seed"] == 7
    assert result["repetitions"] == 3
    assert result["params"] == {"size": "short"}
    assert result["machine"]["cpus"] == os.cpu_count()
    assert len(result["machine"]["load_average"]) == 3
    assert result["versions"]["python"]
    assert result["commit"]
    assert result["samples"] == [{"users": 10, "first_text": 0.123457}]


def test_a_package_that_is_not_installed_is_said_to_be_so() -> None:
    found = versions(["pytest", "no-such-distribution"])

    assert found["pytest"] == pytest.__version__
    assert found["no-such-distribution"] == "not installed"


@pytest.mark.parametrize(("percent", "expected"), [(0, 1), (50, 3), (75, 4), (90, 4.6), (100, 5)])
def test_a_quantile_lies_between_its_two_neighbours(percent: float, expected: float) -> None:
    assert quantile([5, 1, 4, 2, 3], percent) == pytest.approx(expected)


def test_the_median_is_the_one_that_everybody_else_computes() -> None:
    values = [3.2, 1.1, 9.9, 4.0]

    assert quantile(values, 50) == pytest.approx(statistics.median(values))


def test_one_value_is_each_of_its_quantiles() -> None:
    assert quantile([7.0], 99) == 7.0


def test_nothing_has_no_quantile() -> None:
    with pytest.raises(ValueError, match="no values"):
        quantile([], 50)


def test_a_distribution_of_nothing_is_its_count() -> None:
    assert distribution([]) == {"n": 0}


def test_a_distribution_names_its_tail() -> None:
    found = distribution(range(101))

    assert found == {"n": 101, "mean": 50, "p50": 50, "p95": 95, "p99": 99, "max": 100}


def test_a_spread_is_the_median_with_the_lowest_and_highest() -> None:
    assert spread([0.4, 0.2, 0.9]) == {"median": 0.4, "low": 0.2, "high": 0.9}
