"""What the lines of a graph show: asked of CloudWatch, or computed from what it said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeAlias

from local.cloudwatch.metric_math import NotUnderstoodError, evaluate
from local.dashboard.definition import Computed, Measured
from local.errors import CannotDraw

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from local.dashboard.definition import Graph

QUERIES_AT_ONCE = 100

Series: TypeAlias = "Mapping[int, float]"
"""Values by the beginning of their period, in seconds since 1970. Where there is none, there is no data."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The whole periods that are shown; the one that has begun would look like a fall."""

    period: int
    start: int
    end: int

    @classmethod
    def until(cls, now: datetime, *, minutes: int, period: int) -> Window:
        """Return the last periods that are over."""
        end = int(now.timestamp()) // period * period
        return cls(period=period, start=end - minutes * 60 // period * period, end=end)

    @property
    def times(self) -> range:
        return range(self.start, self.end, self.period)

    def computed(self, expression: str, known: Mapping[str, Series]) -> Series:
        """Compute an expression for each period.

        Raises:
            CannotDraw: If it has something in it that is not known here.
        """
        computed = {}
        for time in self.times:
            values = {name: series.get(time) for name, series in known.items()}
            try:
                value = evaluate(expression, values, period=self.period)
            except NotUnderstoodError as error:
                raise CannotDraw(f"{error.args[0]!r} in {expression!r} cannot be computed here.") from error
            if value is not None:
                computed[time] = value
        return computed


@dataclass(frozen=True, slots=True)
class Readings:
    """What CloudWatch has about metrics in a window."""

    cloudwatch: Any
    window: Window

    def of(self, graphs: Sequence[Graph]) -> dict[Graph, dict[str, Series]]:
        """Return each graph's visible lines that have data, by label."""
        measured = [line for graph in graphs for line in graph.lines if isinstance(line, Measured)]
        found = self._read(list(dict.fromkeys(measured)))
        return {graph: self._shown(graph, found) for graph in graphs}

    def _shown(self, graph: Graph, found: Mapping[Measured, Series]) -> dict[str, Series]:
        """Compute line after line, each from those before it."""
        known: dict[str, Series] = {}
        shown: dict[str, Series] = {}
        for line in graph.lines:
            known[line.id] = (
                found[line] if isinstance(line, Measured) else self.window.computed(line.expression, known)
            )
            if known[line.id] and (isinstance(line, Computed) or line.visible):
                shown[line.label] = known[line.id]
        return shown

    def _read(self, lines: Sequence[Measured]) -> dict[Measured, Series]:
        found: dict[Measured, Series] = {}
        for first in range(0, len(lines), QUERIES_AT_ONCE):
            asked = {f"q{number}": line for number, line in enumerate(lines[first : first + QUERIES_AT_ONCE])}
            results = self.cloudwatch.get_metric_data(
                MetricDataQueries=[self._query(query_id, line) for query_id, line in asked.items()],
                StartTime=datetime.fromtimestamp(self.window.start, UTC),
                EndTime=datetime.fromtimestamp(self.window.end, UTC),
            )["MetricDataResults"]
            found |= {asked[result["Id"]]: _series(result) for result in results}
        return found

    def _query(self, query_id: str, line: Measured) -> dict[str, Any]:
        dimensions = [{"Name": name, "Value": value} for name, value in line.dimensions]
        metric = {"Namespace": line.namespace, "MetricName": line.name, "Dimensions": dimensions}
        statistic = {"Metric": metric, "Period": self.window.period, "Stat": line.statistic}
        return {"Id": query_id, "MetricStat": statistic}


def _series(result: Mapping[str, Any]) -> Series:
    times = [int(time.timestamp()) for time in result["Timestamps"]]
    return dict(zip(times, result["Values"], strict=True))
