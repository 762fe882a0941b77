"""The page shows what a dashboard's body says, with what CloudWatch has measured."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from local.dashboard import page as page_module
from local.dashboard.page import Dashboard
from local.dashboard.readings import Window
from local.errors import CannotDraw, ToolMissing

NOW = datetime(2026, 11, 27, 12, 0, 7, tzinfo=UTC)
WINDOW = Window.until(NOW, minutes=1, period=10)
FIRST = int(datetime(2026, 11, 27, 11, 59, tzinfo=UTC).timestamp())
Options = dict[str, Any]
Points = Mapping[tuple[str, str, tuple[str, ...]], Mapping[int, float]]


@dataclass
class FakeCloudWatch:
    """Has a body, some alarms, and points by metric, statistic and dimensions."""

    widgets: list[Any]
    points: Points = field(default_factory=dict)
    states: dict[str, str] = field(default_factory=dict)
    asked: list[int] = field(default_factory=list)

    def get_dashboard(self, **_: str) -> Options:
        return {"DashboardBody": json.dumps({"widgets": self.widgets})}

    def get_paginator(self, _name: str) -> FakeCloudWatch:
        return self

    def paginate(self, **_: list[str]) -> list[Options]:
        listed = [{"AlarmName": name, "StateValue": state} for name, state in self.states.items()]
        return [
            {"MetricAlarms": listed[:1], "CompositeAlarms": []},
            {"MetricAlarms": listed[1:], "CompositeAlarms": []},
        ]

    def get_metric_data(self, **asked: Any) -> Options:
        assert asked["EndTime"] == datetime(2026, 11, 27, 12, tzinfo=UTC)
        self.asked.append(len(asked["MetricDataQueries"]))
        return {"MetricDataResults": [self._result(query) for query in asked["MetricDataQueries"]]}

    def _result(self, query: Options) -> Options:
        stat = query["MetricStat"]
        metric = stat["Metric"]
        dimensions = tuple(each["Value"] for each in metric["Dimensions"])
        points = self.points.get((metric["MetricName"], stat["Stat"], dimensions), {})
        times = [datetime.fromtimestamp(FIRST + second, UTC) for second in points]
        return {"Id": query["Id"], "Timestamps": times, "Values": list(points.values())}


def placed(kind: str, **properties: Any) -> Options:
    return {"type": kind, "x": 0, "y": 0, "width": 6, "height": 6, "properties": properties}


def graph(*metrics: Any) -> Options:
    return placed("metric", title="T", yAxis={"left": {"label": "ms"}}, metrics=list(metrics))


def metric(name: str, *dimensions: str, **options: Any) -> list[Any]:
    return ["shop", name, *dimensions, {"label": name, "stat": "Sum", **options}]


def content_of(html: str) -> Options:
    [found] = re.findall(r'id="content">(.*?)</script>', html, re.DOTALL)
    content: Options = json.loads(found)
    return content


def shown(cloudwatch: FakeCloudWatch) -> list[Options]:
    widgets: list[Options] = content_of(Dashboard(cloudwatch, "board").page(WINDOW))["widgets"]
    return widgets


@pytest.fixture(autouse=True)
def plotter(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What npm installs is not needed to see what a page says."""
    for name in ("uPlot.min.css", "uPlot.iife.min.js"):
        (tmp_path / name).write_text("/* plots */")
    monkeypatch.setattr(page_module, "PLOTTER", tmp_path)


def test_a_graph_has_a_point_for_each_whole_period() -> None:
    points: Points = {("Sent", "Sum", ("worker",)): {0: 3.0, 20: 4.0}}
    cloudwatch = FakeCloudWatch([graph(metric("Sent", "service", "worker"))], points)

    [drawn] = shown(cloudwatch)

    times, values = drawn["data"]
    assert times == [FIRST + second for second in range(0, 60, 10)]
    assert values == [3.0, None, 4.0, None, None, None]
    assert (drawn["title"], drawn["axis"], drawn["labels"]) == ("T", "ms", ["Sent"])


def test_a_line_is_of_its_own_dimensions_and_statistic() -> None:
    points: Points = {
        ("Wait", "p95", ("worker",)): {0: 9.0},
        ("Wait", "p50", ("worker",)): {0: 1.0},
        ("Wait", "p95", ("worker", "expired")): {0: 5.0},
    }
    lines = [
        metric("Wait", "service", "worker", stat="p95", label="all"),
        metric("Wait", "service", "worker", "code", "expired", stat="p95", label="expired"),
    ]

    [drawn] = shown(FakeCloudWatch([graph(*lines)], points))

    assert {label: data[0] for label, data in zip(drawn["labels"], drawn["data"][1:], strict=True)} == {
        "all": 9.0,
        "expired": 5.0,
    }


def test_a_computed_line_shows_and_what_it_is_computed_from_does_not() -> None:
    points: Points = {("Failed", "Sum", ()): {0: 1.0}, ("Done", "Sum", ()): {0: 3.0, 10: 5.0}}
    lines = [
        metric("Failed", id="f", visible=False),
        metric("Done", id="d", visible=False),
        [{"expression": "FILL(f, 0) + FILL(d, 0)", "label": "all", "id": "e1"}],
        [{"expression": "100 * FILL(f, 0) / e1", "label": "%", "id": "e2"}],
    ]

    [drawn] = shown(FakeCloudWatch([graph(*lines)], points))

    assert drawn["labels"] == ["all", "%"]
    assert drawn["data"][2][:3] == [25.0, 0.0, None]


def test_a_line_without_data_is_left_out() -> None:
    points: Points = {("Failed", "Sum", ()): {0: 1.0}}

    [drawn] = shown(FakeCloudWatch([graph(metric("Failed"), metric("Never"))], points))

    assert drawn["labels"] == ["Failed"]


def test_as_many_metrics_as_a_call_takes_are_asked_for_at_once() -> None:
    names = [metric(f"M{number}") for number in range(250)]
    cloudwatch = FakeCloudWatch([graph(*names), graph(names[0])])

    shown(cloudwatch)

    assert cloudwatch.asked == [100, 100, 50]


def test_alarms_show_their_states_in_the_order_of_the_definition() -> None:
    arns = [f"arn:aws:cloudwatch:us-east-1:0:alarm:{name}" for name in ("b", "a", "gone")]
    cloudwatch = FakeCloudWatch(
        [placed("alarm", title="Alarms", alarms=arns)], states={"a": "OK", "b": "ALARM"}
    )

    [drawn] = shown(cloudwatch)

    assert [(each["name"], each["state"]) for each in drawn["alarms"]] == [("b", "ALARM"), ("a", "OK")]


def test_a_widget_that_this_page_does_not_know_is_named() -> None:
    with pytest.raises(CannotDraw, match="'log'"):
        shown(FakeCloudWatch([placed("log")]))


def test_a_plotter_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(page_module, "PLOTTER", tmp_path / "none")

    with pytest.raises(ToolMissing, match="make setup"):
        shown(FakeCloudWatch([]))


def test_a_template_without_alarms_shows_those_that_the_local_deployment_judges() -> None:
    states = {"framestream-WorkerErrors": "OK", "framestream-DeadLetters": "ALARM"}

    [drawn] = shown(FakeCloudWatch([placed("alarm", title="Alarms", alarms=[])], states=states))

    assert [(each["name"], each["state"]) for each in drawn["alarms"]] == [
        ("DeadLetters", "ALARM"),
        ("WorkerErrors", "OK"),
    ]


def test_an_expression_that_cannot_be_computed_is_named() -> None:
    line = [{"expression": "SEARCH(f)", "label": "x", "id": "e1"}]

    with pytest.raises(CannotDraw, match="SEARCH"):
        shown(FakeCloudWatch([graph(metric("Failed", id="f"), line)]))


def test_an_alarm_is_called_as_in_the_table() -> None:
    name = "framestream-AlarmsWorkerErrors3D9A0B1C-XYZ"
    widget = placed("alarm", title="Alarms", alarms=[f"arn:aws:cloudwatch:us-east-1:0:alarm:{name}"])

    [drawn] = shown(FakeCloudWatch([widget], states={name: "OK"}))

    assert [each["name"] for each in drawn["alarms"]] == ["WorkerErrors"]


def test_a_heading_is_a_text_and_a_name_is_no_markup() -> None:
    widgets = [placed("text", markdown="## Are users hurt?"), graph(metric("</script><b>"))]
    points: Points = {("</script><b>", "Sum", ()): {0: 1.0}}

    html = Dashboard(FakeCloudWatch(widgets, points), "board").page(WINDOW)

    assert "</script><b>" not in html
    heading, drawn = content_of(html)["widgets"]
    assert heading["heading"] == "Are users hurt?"
    assert drawn["labels"] == ["</script><b>"]


def test_the_page_needs_nothing_from_elsewhere() -> None:
    html = Dashboard(FakeCloudWatch([]), "board").page(WINDOW)

    assert not re.search(r"""(?:src|href)=["']|@import|url\(""", html)
    assert "/* page.js */" not in html
    assert 'http-equiv="refresh"' not in html


def test_a_page_that_is_watched_loads_itself_again() -> None:
    html = Dashboard(FakeCloudWatch([]), "board").page(WINDOW, refresh=5)

    assert '<meta http-equiv="refresh" content="5">' in html


def test_a_period_that_has_only_begun_is_not_shown() -> None:
    assert WINDOW.times[-1] == FIRST + 50
    assert Window.until(NOW, minutes=3, period=60).times == range(FIRST - 120, FIRST + 60, 60)
