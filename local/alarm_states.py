"""Brings alarms into the state that CloudWatch documents.

The emulator looks at an alarm only when a metric is put, and then at its metric with whatever dimensions; an
alarm whose metric falls silent stays as it was. So its answer is replaced.
"""

from __future__ import annotations

import operator
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "GreaterThanThreshold": operator.gt,
    "GreaterThanOrEqualToThreshold": operator.ge,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}
ONE_POINT = 10**10
"""Seconds. With so long a period all of a window is one point, wherever the window begins."""


@dataclass(frozen=True, slots=True)
class AlarmStates:
    """The alarms of one emulator."""

    cloudwatch: Any

    def update(self, *, now: datetime) -> dict[str, str]:
        """Set each alarm to the state that it should be in, and return all."""
        states = {}
        for alarm in self._alarms():
            name, state = alarm["AlarmName"], self._state(alarm, now)
            states[name] = state
            if state != alarm["StateValue"]:
                reason = "the system on this machine was looked at"
                self.cloudwatch.set_alarm_state(AlarmName=name, StateValue=state, StateReason=reason)
        return states

    def _alarms(self) -> Iterator[dict[str, Any]]:
        for page in self.cloudwatch.get_paginator("describe_alarms").paginate():
            yield from page["MetricAlarms"]

    def _state(self, alarm: Mapping[str, Any], now: datetime) -> str:
        periods, length = alarm["EvaluationPeriods"], timedelta(seconds=alarm["Period"])
        values = [self._value(alarm, now - (n + 1) * length, now - n * length) for n in range(periods)]
        return state_of(alarm, values)

    def _value(self, alarm: Mapping[str, Any], start: datetime, end: datetime) -> float | None:
        metric = {"Namespace": alarm["Namespace"], "MetricName": alarm["MetricName"]}
        statistic = alarm.get("ExtendedStatistic") or alarm["Statistic"]
        dimensions = {"Dimensions": alarm.get("Dimensions", [])}
        query = {"Metric": metric | dimensions, "Period": ONE_POINT, "Stat": statistic}
        [result] = self.cloudwatch.get_metric_data(
            MetricDataQueries=[{"Id": "value", "MetricStat": query}], StartTime=start, EndTime=end
        )["MetricDataResults"]
        return result["Values"][0] if result["Values"] else None


def state_of(alarm: Mapping[str, Any], values: list[float | None]) -> str:
    """Return the state that follows from the values of an alarm's periods; None is a period without data."""
    compare, threshold = COMPARISONS[alarm["ComparisonOperator"]], alarm["Threshold"]
    missing = alarm.get("TreatMissingData", "missing")
    if missing in {"missing", "ignore"} and all(value is None for value in values):
        return alarm["StateValue"] if missing == "ignore" else "INSUFFICIENT_DATA"
    breaching = [missing == "breaching" if value is None else compare(value, threshold) for value in values]
    return "ALARM" if sum(breaching) >= alarm.get("DatapointsToAlarm", len(values)) else "OK"
