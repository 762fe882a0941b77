"""What CloudWatch would read out of logs and measure on queues is recorded once."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from functions.shared.measurements import Measurements
from functions.shared.metrics import Metric
from local.metrics_bridge import MetricsBridge, embedded

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
Options = dict[str, Any]


@dataclass
class FakeAws:
    """Logs, queues and CloudWatch in one."""

    events: list[Options] = field(default_factory=list)
    queues: dict[str, int] = field(default_factory=dict)
    put: list[tuple[str, Options]] = field(default_factory=list)

    def describe_log_groups(self) -> Options:
        return {"logGroups": [{"logGroupName": "worker"}]}

    def filter_log_events(self, **_: str) -> Options:
        return {"events": list(self.events)}

    def list_queues(self) -> Options:
        return {"QueueUrls": [f"http://sqs/{name}" for name in self.queues]}

    def get_queue_attributes(self, **asked: Any) -> Options:
        visible = self.queues[asked["QueueUrl"].rpartition("/")[2]]
        return {"Attributes": {"ApproximateNumberOfMessages": str(visible)}}

    def put_metric_data(self, **given: Any) -> None:
        assert len(given["MetricData"]) <= 500
        self.put += [(given["Namespace"], datum) for datum in given["MetricData"]]

    def get_paginator(self, _name: str) -> FakeAws:
        return self

    def paginate(self) -> list[Options]:
        return [{"MetricAlarms": []}]

    def log(self, message: str, *, at: int = 1) -> None:
        self.events.append({"logStreamName": "s", "timestamp": at, "message": message})


@pytest.fixture
def aws() -> FakeAws:
    return FakeAws()


@pytest.fixture
def bridge(aws: FakeAws, tmp_path: Path) -> MetricsBridge:
    return MetricsBridge(logs=aws, sqs=aws, cloudwatch=aws, carried=tmp_path / "carried.json")


def measured(*values: float, **words: str) -> str:
    """A line as the worker writes it."""
    lines: list[str] = []
    measurements = Measurements(namespace="shop", service="worker", write=lines.append, clock=NOW.timestamp)
    for value in values:
        measurements.add(Metric.GENERATIONS_FAILED, value, **words)
    measurements.flush()
    return lines[0]


def test_a_line_of_a_function_is_read_as_cloudwatch_reads_it() -> None:
    total, by_code = embedded(measured(1, 2, code="expired"))

    service = {"Name": "service", "Value": "worker"}
    datum = {"MetricName": "GenerationsFailed", "Unit": "Count", "Timestamp": NOW, "Values": [1, 2]}
    assert total == ("shop", {**datum, "Dimensions": [service]})
    assert by_code == ("shop", {**datum, "Dimensions": [service, {"Name": "code", "Value": "expired"}]})


@pytest.mark.parametrize(
    "line",
    [
        "START RequestId: 1",
        json.dumps({"level": "INFO", "message": "completed"}),
        '{"_aws": broken',
        json.dumps({"_aws": {"Timestamp": 1}}),
        json.dumps({"_aws": None}),
    ],
)
def test_a_line_without_metrics_is_passed_over(line: str) -> None:
    assert list(embedded(line)) == []


def test_each_line_is_carried_over_once_also_by_another_process(
    aws: FakeAws, bridge: MetricsBridge, tmp_path: Path
) -> None:
    aws.log(measured(1, code="expired"))
    bridge.carry_over(now=NOW)
    first = len(aws.put)

    again = MetricsBridge(logs=aws, sqs=aws, cloudwatch=aws, carried=tmp_path / "carried.json")
    again.carry_over(now=NOW)
    assert len(aws.put) == first == 2

    aws.log(measured(1, code="expired"), at=2)
    again.carry_over(now=NOW)
    assert len(aws.put) == 4


def test_two_lines_that_are_alike_are_two(aws: FakeAws, bridge: MetricsBridge) -> None:
    for _ in range(2):
        aws.log(measured(1, code="expired"))

    bridge.carry_over(now=NOW)

    assert len(aws.put) == 4


def test_several_lines_in_one_event_are_all_read(aws: FakeAws, bridge: MetricsBridge) -> None:
    aws.log("\n".join(["START", measured(1, code="expired"), measured(1, code="internal"), "END"]))

    bridge.carry_over(now=NOW)

    assert len(aws.put) == 4


def test_a_queue_shows_what_can_be_received(aws: FakeAws, bridge: MetricsBridge) -> None:
    aws.queues = {"dead": 3}

    bridge.carry_over(now=NOW)

    [(namespace, datum)] = aws.put
    assert (namespace, datum["MetricName"], datum["Value"]) == (
        "AWS/SQS",
        "ApproximateNumberOfMessagesVisible",
        3,
    )
    assert datum["Dimensions"] == [{"Name": "QueueName", "Value": "dead"}]
