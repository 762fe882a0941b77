"""Measurements become lines that CloudWatch reads as metrics (embedded metric format)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from functions.shared.measurements import Measurements, measurements_of
from functions.shared.metrics import Metric


@pytest.fixture
def lines() -> list[str]:
    return []


@pytest.fixture
def measurements(lines: list[str]) -> Measurements:
    return Measurements(namespace="site", service="worker", write=lines.append, clock=lambda: 1_700_000_000.5)


def directive(line: str) -> dict[str, Any]:
    [only] = json.loads(line)["_aws"]["CloudWatchMetrics"]
    return dict(only)


def test_a_measurement_is_a_line_with_name_unit_value_and_time(
    measurements: Measurements, lines: list[str]
) -> None:
    measurements.add(Metric.QUEUE_WAIT, 120)
    measurements.flush()

    assert [json.loads(line) for line in lines] == [
        {
            "_aws": {
                "Timestamp": 1_700_000_000_500,
                "CloudWatchMetrics": [
                    {
                        "Namespace": "site",
                        "Dimensions": [["service"]],
                        "Metrics": [{"Name": "QueueWait", "Unit": "Milliseconds"}],
                    }
                ],
            },
            "service": "worker",
            "QueueWait": 120,
        }
    ]


def test_what_is_split_is_recorded_as_a_total_and_by_each_dimension(
    measurements: Measurements, lines: list[str]
) -> None:
    measurements.count(Metric.MODEL_ERRORS, code="llm_rejected", status=401)

    [line] = lines
    assert directive(line)["Dimensions"] == [["service"], ["service", "code"], ["service", "status"]]
    assert (json.loads(line)["code"], json.loads(line)["status"]) == ("llm_rejected", "401")


def test_what_is_gathered_is_one_line_however_many_answers_it_is_about(
    measurements: Measurements, lines: list[str]
) -> None:
    for wait in (1, 2, 3):
        measurements.add(Metric.QUEUE_WAIT, wait)
        measurements.add(Metric.GENERATIONS_COMPLETED)
    measurements.flush()

    [line] = map(json.loads, lines)
    assert (line["QueueWait"], line["GenerationsCompleted"]) == ([1, 2, 3], [1, 1, 1])


def test_each_word_has_a_line_of_its_own(measurements: Measurements, lines: list[str]) -> None:
    measurements.add(Metric.GENERATIONS_FAILED, code="llm_timeout")
    measurements.add(Metric.GENERATIONS_FAILED, code="expired")
    measurements.add(Metric.QUEUE_WAIT, 7)
    measurements.flush()

    assert [json.loads(line).get("code") for line in lines] == ["llm_timeout", "expired", None]


def test_cloudwatch_reads_a_hundred_values_of_a_metric_so_more_are_more_lines(
    measurements: Measurements, lines: list[str]
) -> None:
    for number in range(205):
        measurements.add(Metric.QUEUE_WAIT, number)
    measurements.add(Metric.PROMPT_TOKENS, 9)
    measurements.flush()

    read = [json.loads(line) for line in lines]
    assert [len(line["QueueWait"]) for line in read] == [100, 100, 5]
    assert [line.get("PromptTokens") for line in read] == [9, None, None]
    assert all(
        {each["Name"] for each in directive(line)["Metrics"]} <= set(json.loads(line)) for line in lines
    )


def test_nothing_is_written_twice(measurements: Measurements, lines: list[str]) -> None:
    measurements.count(Metric.GENERATIONS_COMPLETED)
    measurements.flush()

    assert len(lines) == 1


def test_a_word_is_of_the_list_whatever_was_given(measurements: Measurements, lines: list[str]) -> None:
    measurements.count(Metric.GENERATIONS_FAILED, code="the provider said: my key is sk-123")

    assert json.loads(lines[0])["code"] == "other"
    assert "sk-123" not in lines[0]


def test_the_environment_names_the_stack_and_the_function(capsys: pytest.CaptureFixture[str]) -> None:
    measurements = measurements_of(
        {"POWERTOOLS_METRICS_NAMESPACE": "second", "POWERTOOLS_SERVICE_NAME": "message"}
    )

    measurements.count(Metric.RECEIVED_MESSAGES)

    line = capsys.readouterr().out
    assert (directive(line)["Namespace"], json.loads(line)["service"]) == ("second", "message")
