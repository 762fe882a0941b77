"""Writes measurements into the log, where CloudWatch finds them (embedded metric format): no call, no wait.

A line holds what belongs to the same words of the same dimensions, several values of a metric among them. A
line of the log costs more than its measurements, so that a component which measures much gathers first.
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from functions.shared.metrics import Metric

MOST_VALUES = 100
"""Of one metric in one line, as CloudWatch reads it."""
Words = tuple[tuple[str, str], ...]
"""Names of dimensions, and a word of each."""


def _print(line: str) -> None:
    sys.stdout.write(line + "\n")


@dataclass(slots=True, kw_only=True)
class Measurements:
    """What one function has measured and not yet written."""

    namespace: str
    service: str
    write: Callable[[str], object] = _print
    clock: Callable[[], float] = time.time
    _gathered: dict[Words, dict[Metric, list[float]]] = field(default_factory=dict)

    def add(self, metric: Metric, value: float = 1, **words: object) -> None:
        """Keep a measurement until the next `flush`, with a word for each dimension of the metric."""
        chosen = tuple(
            (dimension.name, dimension.word(words[dimension.name])) for dimension in metric.dimensions
        )
        self._gathered.setdefault(chosen, {}).setdefault(metric, []).append(value)

    def flush(self) -> None:
        """Write all that was kept."""
        gathered, self._gathered = self._gathered, {}
        for words, values in gathered.items():
            for part in _parts(values):
                self.write(self._line(dict(words), part))

    def count(self, metric: Metric, value: float = 1, **words: object) -> None:
        """Write a measurement, and what was kept."""
        self.add(metric, value, **words)
        self.flush()

    def _line(self, words: Mapping[str, str], values: Mapping[Metric, list[float]]) -> str:
        dimensions = [["service"], *(["service", name] for name in words)]
        metrics = [{"Name": metric.value, "Unit": metric.unit.value} for metric in values]
        directive = {"Namespace": self.namespace, "Dimensions": dimensions, "Metrics": metrics}
        line: dict[str, Any] = {
            "_aws": {"Timestamp": int(self.clock() * 1000), "CloudWatchMetrics": [directive]},
            "service": self.service,
            **words,
            **{metric.value: each[0] if len(each) == 1 else each for metric, each in values.items()},
        }
        return json.dumps(line, separators=(",", ":"))


def measurements_of(environ: Mapping[str, str]) -> Measurements:
    """Make those of a function from the environment that the deployment gives it."""
    return Measurements(
        namespace=environ.get("POWERTOOLS_METRICS_NAMESPACE", "framestream"),
        service=environ.get("POWERTOOLS_SERVICE_NAME", "undefined"),
    )


def _parts(values: Mapping[Metric, list[float]]) -> Iterator[dict[Metric, list[float]]]:
    """Divide values into as many lines as they need."""
    most = max(map(len, values.values()))
    for start in range(0, most, MOST_VALUES):
        end = start + MOST_VALUES
        yield {metric: part for metric, each in values.items() if (part := each[start:end])}
