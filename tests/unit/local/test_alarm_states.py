"""The local deployment judges the rows of the alarm table over what was measured."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from infra.alarm_table import ALARMS, USERS_HURT
from infra.config.fields import Config
from local.cloudwatch.alarm_states import AlarmStates
from local.cloudwatch.resource_names import ResourceNames

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
NAMES = ResourceNames(
    namespace="framestream",
    functions={
        name: {"FunctionName": f"f-{name}", "LoggingConfig": {"LogGroup": f"log-{name}"}}
        for name in ("connect", "disconnect", "message", "generate", "worker")
    },
    outputs={
        "QueueUrl": "http://sqs/queue",
        "DeadLetterQueueUrl": "http://sqs/dead",
        "HttpApiId": "http1",
        "WebSocketApiId": "ws1",
        "TableName": "table",
    },
)
Key = tuple[str, str, tuple[tuple[str, str], ...]]


@dataclass
class FakeCloudWatch:
    """Metrics and alarms in memory."""

    points: list[tuple[datetime, Key, float]] = field(default_factory=list)
    alarms: dict[str, str] = field(default_factory=dict)
    changes: list[tuple[str, str]] = field(default_factory=list)
    calls: int = 0

    def measure(self, name: str, value: float, **dimensions: str) -> None:
        namespace = "framestream" if "service" in dimensions else "AWS"
        self.points.append((NOON, (namespace, name, tuple(sorted(dimensions.items()))), value))

    def put_metric_alarm(self, **alarm: Any) -> None:
        self.alarms[alarm["AlarmName"]] = "INSUFFICIENT_DATA"

    def set_alarm_state(self, *, AlarmName: str, StateValue: str, StateReason: str) -> None:  # noqa: N803
        self.alarms[AlarmName] = StateValue
        self.changes.append((AlarmName, StateValue))

    def get_metric_data(self, **query: Any) -> dict[str, Any]:
        self.calls += 1

        def found(each: dict[str, Any]) -> list[float]:
            metric = each["MetricStat"]["Metric"]
            key = tuple(sorted((d["Name"], d["Value"]) for d in metric["Dimensions"]))
            namespace = metric["Namespace"].partition("/")[0]
            values = [
                value
                for at, point, value in self.points
                if point == (namespace, metric["MetricName"], key)
                and query["StartTime"] <= at < query["EndTime"]
            ]
            combined = {"Sum": sum, "Maximum": max, "p90": max}[each["MetricStat"]["Stat"]]
            return [combined(values)] if values else []  # type: ignore[operator]

        return {
            "MetricDataResults": [
                {"Id": each["Id"], "Values": found(each)} for each in query["MetricDataQueries"]
            ]
        }


@pytest.fixture
def cloudwatch() -> FakeCloudWatch:
    return FakeCloudWatch()


@pytest.fixture
def states(cloudwatch: FakeCloudWatch) -> AlarmStates:
    made = AlarmStates(cloudwatch=cloudwatch, names=NAMES, config=Config(), topic_arn="arn:topic")
    made.put()
    return made


def raised(states: AlarmStates, *, after: timedelta = timedelta(seconds=1)) -> set[str]:
    return {name for name, state in states.update(now=NOON + after).items() if state == "ALARM"}


def test_every_row_and_the_one_over_them_is_an_alarm(cloudwatch: FakeCloudWatch, states: AlarmStates) -> None:
    assert set(cloudwatch.alarms) == {f"framestream-{row.name}" for row in ALARMS} | {
        f"framestream-{USERS_HURT}"
    }


def test_silence_is_no_alarm(states: AlarmStates) -> None:
    assert raised(states) == set()


def test_an_alarm_is_raised_above_its_threshold_and_not_at_it(
    cloudwatch: FakeCloudWatch, states: AlarmStates
) -> None:
    cloudwatch.measure("RejectedConnects", 100, service="connect")
    assert raised(states) == set()

    cloudwatch.measure("RejectedConnects", 1, service="connect")
    assert raised(states) == {"RejectedConnects"}


def test_a_few_failures_of_few_answers_are_heard_and_hurt(
    cloudwatch: FakeCloudWatch, states: AlarmStates
) -> None:
    cloudwatch.measure("GenerationsFailed", 1, service="worker")
    cloudwatch.measure("GenerationsCompleted", 1, service="worker")
    assert raised(states) == set()  # Two answers are too few to say.

    cloudwatch.measure("GenerationsCompleted", 1, service="worker")
    assert raised(states) == {"FailureRate", USERS_HURT}


def test_an_alarm_is_over_when_its_period_is(cloudwatch: FakeCloudWatch, states: AlarmStates) -> None:
    cloudwatch.measure("WaitingPrompts", 1, service="generate")

    assert raised(states) == {"WaitingPrompts", USERS_HURT}
    assert raised(states, after=timedelta(seconds=61)) == set()


def test_a_part_of_a_metric_is_not_its_total(cloudwatch: FakeCloudWatch, states: AlarmStates) -> None:
    cloudwatch.measure("ModelErrors", 1, service="worker", status="503")
    assert raised(states) == set()

    cloudwatch.measure("ModelErrors", 1, service="worker", status="401")
    assert raised(states) == {"ModelRefusesUs", USERS_HURT}


def test_a_state_is_set_when_it_changes_and_not_again(
    cloudwatch: FakeCloudWatch, states: AlarmStates
) -> None:
    raised(states)
    cloudwatch.changes.clear()
    cloudwatch.measure("Errors", 1, FunctionName="f-worker")

    raised(states)
    raised(states)

    assert cloudwatch.changes == [("framestream-WorkerErrors", "ALARM")]


def test_all_alarms_of_a_period_are_judged_with_one_call(
    cloudwatch: FakeCloudWatch, states: AlarmStates
) -> None:
    raised(states)

    assert cloudwatch.calls == len({row.period for row in ALARMS})


@pytest.mark.parametrize("row", ALARMS, ids=lambda row: row.name)
def test_every_alarm_can_be_raised_and_ends(
    row: Any, cloudwatch: FakeCloudWatch, states: AlarmStates
) -> None:
    enough = row.above.of(Config()) + 100
    for source in row.terms.values():
        _, name, dimensions = NAMES.measured(source)
        cloudwatch.measure(name, enough, **dimensions)

    assert row.name in raised(states)
    assert row.name not in raised(states, after=timedelta(seconds=row.period + 1))
