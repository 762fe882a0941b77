"""Logs are read again and again, and each event is recorded once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Self

from functions.shared.measurements import Measurements
from functions.shared.metrics import Metric
from local.cloudwatch.log_reader import LogReader
from tests.unit.local.test_alarm_states import NAMES


@dataclass
class FakeAws:
    """Logs of one function, a queue, and what was put."""

    events: list[dict[str, Any]] = field(default_factory=list)
    put: list[dict[str, Any]] = field(default_factory=list)
    waiting: int = 0
    fetched: list[dict[str, Any]] = field(default_factory=list)

    def log(self, metric: Metric, *, at: int, value: float = 1) -> None:
        lines: list[str] = []
        measurements = Measurements(
            namespace="framestream", service="connect", write=lines.append, clock=lambda: at / 1000
        )
        measurements.count(metric, value)
        self.events.append({"logStreamName": "s", "timestamp": at, "message": lines[0]})

    def get_paginator(self, _operation: str) -> Self:
        return self

    def paginate(self, **query: Any) -> Iterator[dict[str, Any]]:
        if query["logGroupName"] == "log-connect":
            wanted = query["filterPattern"].strip('"')
            new = [event for event in self.events if event["timestamp"] >= query["startTime"]]
            self.fetched = [event for event in new if wanted in event["message"]]
            yield {"events": self.fetched}

    def put_metric_data(self, *, Namespace: str, MetricData: list[dict[str, Any]]) -> None:  # noqa: N803
        self.put += [{"Namespace": Namespace, **datum} for datum in MetricData]

    def get_queue_attributes(self, **_query: Any) -> dict[str, Any]:
        return {"Attributes": {"ApproximateNumberOfMessages": str(self.waiting)}}

    def recorded(self, name: str) -> list[dict[str, Any]]:
        return [datum for datum in self.put if datum["MetricName"] == name]


def reader(aws: FakeAws) -> LogReader:
    return LogReader(logs=aws, cloudwatch=aws, sqs=aws, names=NAMES)


def test_an_event_is_recorded_once_however_often_it_is_read() -> None:
    aws = FakeAws()
    reading = reader(aws)
    aws.log(Metric.ACCEPTED_CONNECTS, at=1_000_000)

    reading.read()
    reading.read()

    [datum] = aws.recorded("AcceptedConnects")
    assert (datum["Namespace"], datum["Values"]) == ("framestream", [1])


def test_a_line_that_comes_late_is_recorded_too() -> None:
    aws = FakeAws()
    reading = reader(aws)
    aws.log(Metric.ACCEPTED_CONNECTS, at=1_000_000)
    reading.read()
    aws.log(Metric.USER_CONNECTIONS, at=998_000, value=2)

    reading.read()

    assert len(aws.recorded("UserConnections")) == len(aws.recorded("AcceptedConnects")) == 1


def test_what_measures_nothing_is_not_fetched() -> None:
    aws = FakeAws()
    aws.log(Metric.ACCEPTED_CONNECTS, at=1_000_000)
    aws.events.append({"logStreamName": "s", "timestamp": 1_000_001, "message": '{"message":"connected"}'})

    reader(aws).read()

    assert [event["timestamp"] for event in aws.fetched] == [1_000_000]


def test_what_queues_hold_is_recorded_each_time() -> None:
    aws = FakeAws(waiting=3)
    reading = reader(aws)

    reading.read()

    held = aws.recorded("ApproximateNumberOfMessagesVisible")
    assert {datum["Dimensions"][0]["Value"] for datum in held} == {"queue", "dead"}
    assert {datum["Value"] for datum in held} == {3}
