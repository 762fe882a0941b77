"""What a line of the dashboard can show: a metric of ours, one of AWS's, or a computation with some."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from functions.shared.metric_dimensions import Dimension
    from functions.shared.metrics import Metric

PERCENTILES = ("p50", "p95", "p99")
SERVICE = "service"


@dataclass(frozen=True, slots=True)
class Counted:
    """A metric that one of our functions measures: all of it, or one word of a dimension."""

    metric: Metric
    service: str
    dimension: str = ""
    word: str = ""


@dataclass(frozen=True, slots=True)
class OfAws:
    """What an AWS service measures on something of the stack, by the name that the stack has for it."""

    service: Literal["lambda", "sqs", "http", "websocket", "dynamodb", "logs"]
    owner: str
    name: str


Source: TypeAlias = Counted | OfAws


@dataclass(frozen=True, slots=True)
class Line:
    """One metric by one statistic."""

    label: str
    source: Source
    statistic: str = "Sum"


@dataclass(frozen=True, slots=True)
class Formula:
    """A computation with sums of a period.

    `{name}` is an input's sum, 0 without data; `{period}` is the period's length in seconds.
    """

    label: str
    expression: str
    inputs: tuple[tuple[str, Source], ...]

    def filled(self, prefix: str) -> str:
        """Return it as metric math, with ids that begin with the prefix."""
        (first, _), *_ = self.inputs
        names = {name: f"FILL({prefix}{name}, 0)" for name, _ in self.inputs}
        return self.expression.format(**names, period=f"PERIOD({prefix}{first})")


@dataclass(frozen=True, slots=True)
class Total:
    """The sum of the graph's formulas."""

    label: str


def counted(metric: Metric, service: str = "") -> Counted:
    """Take all of a metric, of the one function that measures it or of the one that is named."""
    if service:
        return Counted(metric, service)
    (only,) = metric.services
    return Counted(metric, only)


def line(label: str, source: Metric | Source, statistic: str = "Sum") -> Line:
    """Show a metric by a statistic."""
    return Line(label, source if isinstance(source, Counted | OfAws) else counted(source), statistic)


def formula(label: str, expression: str, **inputs: Metric | Source) -> Formula:
    """Show a computation."""
    named = {
        name: each if isinstance(each, Counted | OfAws) else counted(each) for name, each in inputs.items()
    }
    return Formula(label, expression, tuple(named.items()))


def percentiles(metric: Metric) -> tuple[Line, ...]:
    """Show how a metric is distributed."""
    return tuple(line(statistic, metric, statistic) for statistic in PERCENTILES)


def by_word(metric: Metric, dimension: Dimension) -> tuple[Line, ...]:
    """Show a metric by each word of one of its dimensions."""
    (service,) = metric.services
    return tuple(Line(word, Counted(metric, service, dimension.name, word)) for word in dimension.values)


def by_function(name: str, *functions: str, statistic: str = "Sum") -> tuple[Line, ...]:
    """Show what Lambda measures on some functions."""
    return tuple(Line(each, OfAws("lambda", each, name), statistic) for each in functions)
