"""What an alarm may watch: what a function, a queue, an API or the table measures, and what is made of it.

No AWS here: the deployment makes metrics of these rows, and the local deployment reads them in its own way.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

from infra.config.fields import Config

if TYPE_CHECKING:
    from collections.abc import Mapping

    from functions.shared.metrics import Metric


@dataclass(frozen=True, slots=True)
class Ours:
    """What our functions measure, of one of them and perhaps with one word of a dimension."""

    metric: Metric
    word: tuple[str, str] | None = None
    """The dimension's name, and the word."""
    service: str = ""
    """Empty: the only one that measures it."""

    @property
    def dimensions(self) -> dict[str, str]:
        """Those under which the function records it."""
        service = self.service or self.metric.services[0]
        return {"service": service, **dict([self.word] if self.word else [])}


@dataclass(frozen=True, slots=True)
class QueueMetric:
    """What SQS measures on one of the two queues."""

    queue: Literal["queue", "dead_letters"]
    name: str


@dataclass(frozen=True, slots=True)
class FunctionMetric:
    """What Lambda measures on a function."""

    function: str
    name: str


@dataclass(frozen=True, slots=True)
class ApiMetric:
    """What API Gateway measures on one of the two APIs."""

    api: Literal["http", "websocket"]
    name: str


@dataclass(frozen=True, slots=True)
class TableMetric:
    """What DynamoDB measures on the table."""

    name: str


Source: TypeAlias = Ours | QueueMetric | FunctionMetric | ApiMetric | TableMetric


@dataclass(frozen=True, slots=True)
class Math:
    """CloudWatch's metric math over sums of several sources.

    A sum without data is 0: in an expression a name stands for `FILL(name, 0)`.
    """

    expression: str
    terms: Mapping[str, Source] = field(hash=False)

    def with_zeros(self) -> str:
        """Return the expression with each name filled."""
        names = "|".join(map(re.escape, self.terms))
        return re.sub(rf"\b({names})\b", r"FILL(\1, 0)", self.expression)


def total(**terms: Source) -> Math:
    """Add them up."""
    return Math(" + ".join(terms), terms)


def percent(part: str, of: str, *, at_least: int, **terms: Source) -> Math:
    """Say which share a part has, in percent; none while the whole is less than `at_least`."""
    return Math(f"IF({of} >= {at_least}, 100 * ({part}) / ({of}), 0)", terms)


@dataclass(frozen=True, slots=True)
class Threshold:
    """A fixed number, or the sum of some settings."""

    number: int = 0
    settings: tuple[str, ...] = ()
    factor: int = 1
    """From the settings' unit to the metric's."""

    def of(self, config: Config) -> int:
        """Return what a deployment with these settings compares with."""
        return self.number + self.factor * sum(int(getattr(config, name)) for name in self.settings)

    def __str__(self) -> str:
        if not self.settings:
            return str(self.number)
        value = self.of(Config()) // self.factor
        return f"{' + '.join(f'`{name}`' for name in self.settings)} ({value})"
