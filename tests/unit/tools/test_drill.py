"""A drill turns each alarm red by its cause, ends the cause, and waits until it is well again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from infra.alarm_table import ALARMS, AlarmRow, Math
from infra.bundling.build import FUNCTIONS
from infra.config.fields import Config
from local.cloudwatch.metric_math import evaluate
from local.cloudwatch.resource_names import ResourceNames
from local.state_dir import StateDir
from tools.drill.causes import put_metric
from tools.drill.command import alarms_of, tell
from tools.drill.provocations import CAUSES, PROVOCATIONS, Provocation
from tools.drill.run import LOOK_EACH, RED_WITHIN, SLACK, Drill, Result
from tools.drill.site import Site


def test_what_is_known_of_causes_is_about_alarms_of_the_table() -> None:
    assert set(CAUSES) <= {row.name for row in ALARMS}


@pytest.mark.parametrize("row", ALARMS, ids=lambda row: row.name)
def test_an_alarm_without_a_known_cause_has_its_metric_put(row: AlarmRow) -> None:
    assert row.name in CAUSES or PROVOCATIONS[row.name].cause is put_metric


def test_a_metric_that_is_put_says_why() -> None:
    put = [each.words for each in PROVOCATIONS.values() if each.cause is put_metric]

    assert all(words.startswith("metric put: ") and words != "metric put: " for words in put)


@dataclass
class FakeSystem:
    """Alarms that are red from some seconds after their cause begins until some after it ends."""

    delay: float = 2 * LOOK_EACH
    memory: float = 100 * LOOK_EACH
    now: float = 0
    began: dict[str, float] = field(default_factory=dict)
    ended: dict[str, float] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    red_before: set[str] = field(default_factory=set)

    def states(self) -> dict[str, str]:
        return {name: "ALARM" if self._is_red(name) else "OK" for name in ("A", "B", "C")}

    def _is_red(self, name: str) -> bool:
        """C is red while A is."""
        if name in self.red_before:
            return True
        cause = "A" if name == "C" else name
        began, ended = self.began.get(cause), self.ended.get(cause)
        if began is None or self.now < began + self.delay:
            return False
        return ended is None or self.now < ended + self.memory

    def provoke(self, name: str, _provocation: Provocation) -> Callable[[], None]:
        self.began[name] = self.now
        return lambda: self.ended.update({name: self.now})

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def drill(self, *names: str) -> dict[str, Result]:
        drill = Drill(
            states=self.states,
            provoke=self.provoke,
            say=self.said.append,
            clock=lambda: self.now,
            sleep=self.sleep,
        )
        causes = dict.fromkeys(names, Provocation("a cause", put_metric))
        return drill.run(causes, dict.fromkeys(names, 100 * LOOK_EACH))


def test_an_alarm_is_red_after_its_cause_begins_and_well_after_it_ended() -> None:
    system = FakeSystem()

    results = system.drill("A", "B")

    assert results["A"] == results["B"] == Result(red_after=system.delay, well_after=system.memory)
    red, well = (
        f"red after {system.delay:.0f} s (a cause)",
        f"well {system.memory:.0f} s after its cause was over",
    )
    assert system.said == [f"A: {red}", f"B: {red}", f"A: {well}", f"B: {well}"]


def test_causes_follow_one_another_and_each_is_ended_before_the_next() -> None:
    system = FakeSystem()

    system.drill("A", "B")

    assert system.ended["A"] <= system.began["B"]


def test_an_alarm_that_an_earlier_cause_has_raised_is_not_provoked_again() -> None:
    system = FakeSystem()

    results = system.drill("A", "C")

    assert results["C"].passed
    assert set(system.began) == {"A"}
    assert "C: red already by an earlier cause" in system.said


def test_an_alarm_that_stays_silent_fails_and_its_cause_is_ended() -> None:
    system = FakeSystem(delay=RED_WITHIN + 1)

    results = system.drill("A")

    assert not results["A"].passed
    assert "A" in system.ended
    assert system.said == [f"A: NOT RED within {RED_WITHIN:.0f} s (a cause)"]


def test_an_alarm_that_does_not_come_back_fails() -> None:
    system = FakeSystem(memory=100 * LOOK_EACH + SLACK + 10)

    results = system.drill("A")

    assert not results["A"].passed
    assert system.said[-1] == "A: is still red"


def test_an_alarm_that_was_red_before_is_not_provoked_and_fails() -> None:
    system = FakeSystem(red_before={"A"})

    results = system.drill("A", "B")

    assert (results["A"].passed, results["B"].passed) == (False, True)
    assert "A" not in system.began
    assert system.said[0] == "A: was red before the drill; end its cause first"


def test_a_cause_that_cannot_begin_ends_the_drill_with_its_error() -> None:
    system = FakeSystem()

    def refuse(_name: str, _provocation: Provocation) -> Callable[[], None]:
        raise ConnectionError

    drill = Drill(states=system.states, provoke=refuse, say=system.said.append)

    with pytest.raises(ConnectionError):
        drill.run({"A": Provocation("a cause", put_metric)}, {"A": 1})


@dataclass
class FakeCloudWatch:
    """Alarms by their deployed names, and what was set."""

    names: list[str]
    put: list[Any] = field(default_factory=list)
    states: list[tuple[str, str]] = field(default_factory=list)

    def get_paginator(self, _name: str) -> FakeCloudWatch:
        return self

    def paginate(self, **asked: Any) -> Iterator[dict[str, Any]]:
        prefix = asked.get("AlarmNamePrefix", "")
        found = [name for name in self.names if name.startswith(prefix)]
        listed = [{"AlarmName": name, "AlarmActions": ["topic"]} for name in found]
        yield {"MetricAlarms": listed[1:], "CompositeAlarms": listed[:1]}

    def put_metric_data(self, **given: Any) -> None:
        self.put.append(given)

    def set_alarm_state(self, **given: str) -> None:
        self.states.append((given["AlarmName"], given["StateValue"]))

    def client(self, _service: str, **_: Any) -> FakeCloudWatch:
        return self


@dataclass
class FakeSite(Site):
    """Its CloudWatch remembers what is put."""

    cloudwatch: FakeCloudWatch = field(default_factory=lambda: FakeCloudWatch([]))

    def aws(self, _service: str) -> FakeCloudWatch:
        return self.cloudwatch

    @cached_property
    def names(self) -> ResourceNames:
        functions = {name: {"FunctionName": f"fn-{name}"} for name in FUNCTIONS}
        outputs = {
            "QueueUrl": "http://sqs/q",
            "DeadLetterQueueUrl": "http://sqs/d",
            "HttpApiId": "h",
            "WebSocketApiId": "w",
            "TableName": "t",
        }
        return ResourceNames(namespace="shop", functions=functions, outputs=outputs)


PUT = [row for row in ALARMS if PROVOCATIONS[row.name].cause is put_metric]


@pytest.mark.parametrize("row", PUT, ids=lambda row: row.name)
def test_a_metric_is_put_beyond_the_threshold_where_the_alarm_looks(row: AlarmRow, tmp_path: Path) -> None:
    site = FakeSite(StateDir(tmp_path))

    with put_metric(site, row):
        pass

    put = {each["MetricData"][0]["MetricName"]: each["MetricData"][0] for each in site.cloudwatch.put}
    sums = {
        name: sum(a * b for a, b in zip(put[metric]["Values"], put[metric]["Counts"], strict=True))
        for name, source in row.terms.items()
        for metric in [site.names.measured(source)[1]]
    }
    threshold = row.above.of(Config())
    if isinstance(row.watches, Math):
        value = evaluate(row.watches.with_zeros(), sums, period=row.period)
        assert value is not None
        assert value > threshold
    else:
        assert all(each["Values"][0] > threshold for each in put.values())


def test_deployed_alarms_are_known_by_the_names_of_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    names = ["shop-AlarmsWorkerErrors0A1B2C3D-XYZ", "shop-AlarmsMessageErrors0A1B2C3D-XYZ", "mine"]

    found = alarms_of(FakeCloudWatch(names), ["WorkerErrors", "Errors"], prefix="shop-Alarms")

    assert {name: alarm["AlarmName"] for name, alarm in found.items()} == {"WorkerErrors": names[0]}
    assert "Errors: is not deployed" in capsys.readouterr().out


def test_in_an_account_alarms_are_set_red_and_back_and_only_those_of_the_stack() -> None:
    ours, theirs = "shop-AlarmsWorkerErrors0A1B2C3D-XYZ", "shop-dev-AlarmsConnectErrors0A1B2C3D-XYZ"
    cloudwatch = FakeCloudWatch([ours, theirs])

    told = tell(FakeDeployment(cloudwatch), "shop", ["WorkerErrors", "ConnectErrors"])  # type: ignore[arg-type]

    assert not told
    assert cloudwatch.states == [(ours, "ALARM"), (ours, "OK")]


@dataclass
class FakeDeployment:
    session: FakeCloudWatch
    endpoint_url: str | None = None
