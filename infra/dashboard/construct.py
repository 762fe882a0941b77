"""Makes the dashboard of `table`: its places, and what each line is called in CloudWatch."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, Any, NamedTuple

from aws_cdk import Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from infra.dashboard.lines import Formula, Line, Total
from infra.dashboard.naming import Names
from infra.dashboard.table import sections

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from infra.alarms import Alarms
    from infra.config.fields import Config
    from infra.dashboard.graphs import Graph, Section
    from infra.functions import Functions
    from infra.queues import Queues

COLUMNS, HEIGHT, HEADING, STATES = 24, 6, 1, 4
PERIOD = 60
"""Seconds."""
Widget = dict[str, Any]


class Place(NamedTuple):
    """Where a widget is, in a grid of 24 columns."""

    x: int
    y: int
    width: int
    height: int


class Dashboard(Construct):
    """One page of graphs, the alarms' states above them."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        config: Config,
        functions: Functions,
        queues: Queues,
        owners: Mapping[tuple[str, str], str],
        alarms: Alarms,
    ) -> None:
        super().__init__(scope, construct_id)
        named = {each.node.id.lower(): each for each in functions.all}
        self._names = Names(
            namespace=config.stack_name,
            of_aws={
                **owners,
                **{("lambda", name): each.function.function_name for name, each in named.items()},
                **{("logs", name): each.log_group.log_group_name for name, each in named.items()},
                **{("sqs", name): queue.queue_name for name, queue in queues.by_name.items()},
            },
        )
        widgets = list(self._widgets(sections(config), _arns(alarms)))
        body = {"start": "-PT3H", "periodOverride": "inherit", "widgets": widgets}
        resource = cloudwatch.CfnDashboard(
            self, "Dashboard", dashboard_body=Stack.of(self).to_json_string(body)
        )
        self.name = resource.ref

    def _widgets(self, rows: Sequence[Section], alarm_arns: Sequence[str]) -> Iterator[Widget]:
        """Yield the sections from top to bottom; the alarms' states come first."""
        yield _placed("alarm", Place(0, 0, COLUMNS, STATES), title="Alarms", alarms=list(alarm_arns))
        y = STATES
        for section in rows:
            yield _placed("text", Place(0, y, COLUMNS, HEADING), markdown=f"## {section.title}")
            y += HEADING
            in_row = _in_row(len(section.graphs))
            width = COLUMNS // in_row
            for index, graph in enumerate(section.graphs):
                row, column = divmod(index, in_row)
                yield self._graph(graph, Place(column * width, y + row * HEIGHT, width, HEIGHT))
            y += ceil(len(section.graphs) / in_row) * HEIGHT

    def _graph(self, graph: Graph, place: Place) -> Widget:
        metrics = [entry for number, line in enumerate(graph.lines) for entry in self._entries(line, number)]
        return _placed(
            "metric",
            place,
            title=graph.title,
            view="timeSeries",
            region=Stack.of(self).region,
            period=PERIOD,
            yAxis={"left": {"label": graph.axis, "min": 0, "showUnits": False}},
            metrics=metrics,
        )

    def _entries(self, line: Line | Formula | Total, number: int) -> Iterator[list[Any]]:
        """Yield what a body lists for a line: itself, after what it is computed from."""
        match line:
            case Line(label, source, statistic):
                yield [*self._names.metric(source), {"label": label, "stat": statistic}]
            case Formula(label, _, inputs):
                prefix = f"m{number}_"
                for name, source in inputs:
                    hidden = {"id": f"{prefix}{name}", "label": name, "stat": "Sum", "visible": False}
                    yield [*self._names.metric(source), hidden]
                yield [{"expression": line.filled(prefix), "label": label, "id": f"e{number}"}]
            case Total(label):
                terms = " + ".join(f"e{each}" for each in range(number))
                yield [{"expression": terms, "label": label, "id": f"e{number}"}]


def _in_row(graphs: int) -> int:
    """Return how many stand side by side, so that no row has a gap if that can be."""
    return next(number for number in (4, 3, 2, 1) if graphs % number == 0)


def _placed(kind: str, place: Place, **properties: Any) -> Widget:
    return {"type": kind, **place._asdict(), "properties": properties}


def _arns(alarms: Alarms) -> list[str]:
    """Return every alarm's, those first that are made of others."""
    made = [each for each in alarms.node.find_all() if isinstance(each, cloudwatch.AlarmBase)]
    return [each.alarm_arn for each in sorted(made, key=lambda each: isinstance(each, cloudwatch.Alarm))]
