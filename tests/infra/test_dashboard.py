"""The dashboard of the template shows all that is measured, and can be drawn."""

import json
import re
from typing import Any

import pytest
from aws_cdk.assertions import Template

from functions.shared.metrics import Metric
from infra.alarm_table import ALARMS, USERS_HURT
from infra.config.fields import Config
from infra.dashboard.graphs import Graph
from infra.dashboard.lines import Counted, Formula, Line, Source, Total
from infra.dashboard.table import NOT_SHOWN, sections
from local.dashboard.definition import AlarmStates, Computed, Measured, Text, widgets_of
from local.dashboard.definition import Graph as Drawn
from local.dashboard.readings import Window
from tests.infra.templates import LOCAL, Synthesize, one_of

COLUMNS = 24


def body_of(template: Template) -> str:
    """The dashboard's body, each reference to a resource replaced by its logical id."""
    body = one_of(template, "AWS::CloudWatch::Dashboard")["DashboardBody"]
    parts = body["Fn::Join"][1] if isinstance(body, dict) else [body]
    return "".join(part if isinstance(part, str) else _logical_id(part) for part in parts)


def _logical_id(reference: dict[str, Any]) -> str:
    (target,) = reference.values()
    logical_id = target if isinstance(target, str) else target[0]
    return f"arn:aws:cloudwatch:::alarm:{logical_id}" if "Alarms" in logical_id else logical_id


@pytest.fixture(scope="module")
def drawn(template: Template) -> dict[str, Drawn]:
    """Every graph by its title."""
    return {each.title: each for each in widgets_of(body_of(template)) if isinstance(each, Drawn)}


def graphs() -> list[Graph]:
    return [graph for section in sections(Config()) for graph in section.graphs]


def sources(graph: Graph) -> list[Source]:
    found: list[Source] = []
    for line in graph.lines:
        match line:
            case Line(_, source, _):
                found.append(source)
            case Formula(_, _, inputs):
                found += [source for _, source in inputs]
            case Total():
                pass
    return found


def test_every_metric_is_shown_or_left_out_for_a_reason() -> None:
    shown = {
        (source.metric, source.service)
        for graph in graphs()
        for source in sources(graph)
        if isinstance(source, Counted) and not source.dimension
    }
    measured = {(metric, service) for metric in Metric for service in metric.services}

    assert {metric for metric, _ in measured - shown} == set(NOT_SHOWN)
    assert all(NOT_SHOWN.values())


def test_every_dimension_is_shown_by_all_of_its_words() -> None:
    shown = {
        (source.metric, source.dimension, source.word)
        for graph in graphs()
        for source in sources(graph)
        if isinstance(source, Counted) and source.dimension
    }

    assert shown == {
        (metric, dimension.name, word)
        for metric in Metric
        for dimension in metric.dimensions
        for word in dimension.values
    }


def test_whether_users_are_hurt_comes_first_and_then_the_rows_in_order(template: Template) -> None:
    first, *rest = widgets_of(body_of(template))

    assert isinstance(first, AlarmStates)
    headings = [each.markdown.lstrip("# ") for each in rest if isinstance(each, Text)]
    assert headings == [section.title for section in sections(Config())]
    assert [heading.split(",")[0] for heading in headings] == [
        "Are users hurt?",
        "Traffic",
        "Waiting",
        "Health",
        "Latency",
        "Cost of use",
    ]


def test_every_alarm_shows_its_state(template: Template) -> None:
    first, *_ = widgets_of(body_of(template))

    assert isinstance(first, AlarmStates)
    shown = {re.sub(r"[0-9A-F]{8}$", "", name).removeprefix("Alarms") for name in first.names}
    assert shown == {USERS_HURT, *(row.name for row in ALARMS)}
    assert USERS_HURT in first.names[0]


def test_no_widget_covers_another_or_leaves_the_page(template: Template) -> None:
    taken: set[tuple[int, int]] = set()
    for each in (widget.place for widget in widgets_of(body_of(template))):
        here = {
            (x, y) for x in range(each.x, each.x + each.width) for y in range(each.y, each.y + each.height)
        }
        assert not here & taken
        assert all(x < COLUMNS for x, _ in here)
        taken |= here


def test_each_expression_can_be_computed_from_the_lines_before_it(drawn: dict[str, Drawn]) -> None:
    for graph in drawn.values():
        known: dict[str, dict[int, float]] = {}
        window = Window(period=60, start=0, end=120)
        for line in graph.lines:
            known[line.id] = (
                {0: 2.0} if isinstance(line, Measured) else dict(window.computed(line.expression, known))
            )
            assert re.fullmatch(r"[a-z][A-Za-z0-9_]*", line.id)
            assert known[line.id], (graph.title, line.label)


def test_lines_of_a_graph_can_be_told_apart(drawn: dict[str, Drawn]) -> None:
    for graph in drawn.values():
        ids = [line.id for line in graph.lines]
        labels = [line.label for line in graph.lines if isinstance(line, Computed) or line.visible]

        assert len(set(ids)) == len(ids)
        assert len(set(labels)) == len(labels), graph.title


def test_what_we_measure_is_in_the_namespace_of_the_stack(synthesize: Synthesize) -> None:
    body = body_of(synthesize(stack_name="chat-dev"))

    lines = [line for graph in widgets_of(body) if isinstance(graph, Drawn) for line in graph.lines]
    namespaces = {line.namespace for line in lines if isinstance(line, Measured)}
    assert {each for each in namespaces if not each.startswith("AWS/")} == {"chat-dev"}


def test_what_aws_measures_is_that_of_this_stack(template: Template, drawn: dict[str, Drawn]) -> None:
    logical_ids = set(template.to_json()["Resources"])
    lines = [line for graph in drawn.values() for line in graph.lines if isinstance(line, Measured)]

    for line in lines:
        if line.namespace.startswith("AWS/"):
            ((_, owner),) = line.dimensions
            assert owner in logical_ids, line


def test_a_formula_takes_no_data_for_nothing_and_divides_by_nothing_without_a_word() -> None:
    failing = graphs()[0].lines[0]
    assert isinstance(failing, Formula)
    names = [name for name, _ in failing.inputs]
    known: dict[str, dict[int, float]] = {name: {} for name in names}
    known |= {"failed": {0: 1.0}, "completed": {0: 3.0, 60: 5.0}}

    shown = Window(period=60, start=0, end=180).computed(failing.filled(""), known)

    assert shown == {0: 25.0, 60: 0.0}


def test_a_setting_leaves_the_dashboard_out(synthesize: Synthesize) -> None:
    without = synthesize(dashboard=False)

    without.resource_count_is("AWS::CloudWatch::Dashboard", 0)
    assert "DashboardName" not in without.to_json()["Outputs"]


def test_the_emulator_has_the_same_dashboard(synthesize: Synthesize, drawn: dict[str, Drawn]) -> None:
    local = widgets_of(body_of(synthesize(**LOCAL)))

    assert [each.title for each in local if isinstance(each, Drawn)] == list(drawn)


def test_the_body_is_what_cloudwatch_takes(template: Template) -> None:
    body = json.loads(body_of(template))

    assert len(body["widgets"]) <= 500
    assert all(len(each["properties"].get("metrics", [])) <= 500 for each in body["widgets"])
