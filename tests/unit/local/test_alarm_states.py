"""An alarm's state is what CloudWatch documents, whatever the emulator thinks."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from local.alarm_states import AlarmStates, state_of

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
Options = dict[str, Any]


def alarm(**changed: Any) -> Options:
    return {
        "AlarmName": "a",
        "StateValue": "OK",
        "Namespace": "AWS/Lambda",
        "MetricName": "Errors",
        "Dimensions": [{"Name": "FunctionName", "Value": "worker"}],
        "Statistic": "Sum",
        "Period": 300,
        "EvaluationPeriods": 1,
        "Threshold": 5.0,
        "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": "notBreaching",
        **changed,
    }


@pytest.mark.parametrize(
    ("comparison", "below", "at", "above"),
    [
        ("GreaterThanThreshold", "OK", "OK", "ALARM"),
        ("GreaterThanOrEqualToThreshold", "OK", "ALARM", "ALARM"),
        ("LessThanThreshold", "ALARM", "OK", "OK"),
        ("LessThanOrEqualToThreshold", "ALARM", "ALARM", "OK"),
    ],
)
def test_a_value_is_compared_as_the_alarm_says(comparison: str, below: str, at: str, above: str) -> None:
    states = [state_of(alarm(ComparisonOperator=comparison), [value]) for value in (4.0, 5.0, 6.0)]

    assert states == [below, at, above]


@pytest.mark.parametrize(
    ("missing", "state"),
    [("notBreaching", "OK"), ("breaching", "ALARM"), ("missing", "INSUFFICIENT_DATA"), ("ignore", "ALARM")],
)
def test_silence_means_what_the_alarm_says(missing: str, state: str) -> None:
    assert state_of(alarm(TreatMissingData=missing, StateValue="ALARM"), [None]) == state


def test_as_many_periods_as_the_alarm_asks_for_must_be_bad() -> None:
    three = alarm(EvaluationPeriods=3, DatapointsToAlarm=2)

    assert state_of(three, [9.0, None, 9.0]) == "ALARM"
    assert state_of(three, [9.0, 1.0, None]) == "OK"
    assert state_of(alarm(EvaluationPeriods=2), [9.0, 1.0]) == "OK"


@dataclass
class FakeCloudWatch:
    """One alarm, and the points of metrics by the value of their dimension: seconds ago, and value."""

    definition: Options
    points: dict[str, list[tuple[int, float]]]
    sent: list[str] = field(default_factory=list)

    def get_paginator(self, _name: str) -> FakeCloudWatch:
        return self

    def paginate(self) -> list[Options]:
        return [{"MetricAlarms": [self.definition]}]

    def get_metric_data(self, **asked: Any) -> Options:
        [query] = asked["MetricDataQueries"]
        owner = query["MetricStat"]["Metric"]["Dimensions"][0]["Value"]
        start, end = NOW - asked["StartTime"], NOW - asked["EndTime"]
        values = [v for ago, v in self.points.get(owner, []) if end.seconds < ago <= start.seconds]
        return {"MetricDataResults": [{"Values": [sum(values)] if values else []}]}

    def set_alarm_state(self, **given: str) -> None:
        self.sent.append(given["StateValue"])


def test_an_alarm_is_told_its_state_only_when_that_changes() -> None:
    cloudwatch = FakeCloudWatch(alarm(), {"worker": [(10, 6.0)]})

    assert AlarmStates(cloudwatch).update(now=NOW) == {"a": "ALARM"}
    assert cloudwatch.sent == ["ALARM"]

    cloudwatch.definition["StateValue"] = "ALARM"
    AlarmStates(cloudwatch).update(now=NOW)
    assert cloudwatch.sent == ["ALARM"]


def test_an_alarm_does_not_hear_of_another_function() -> None:
    cloudwatch = FakeCloudWatch(alarm(StateValue="ALARM"), {"connect": [(10, 6.0)]})

    assert AlarmStates(cloudwatch).update(now=NOW) == {"a": "OK"}


def test_what_is_older_than_the_periods_is_forgotten() -> None:
    cloudwatch = FakeCloudWatch(alarm(StateValue="ALARM"), {"worker": [(301, 6.0), (20, 1.0)]})

    assert AlarmStates(cloudwatch).update(now=NOW) == {"a": "OK"}
