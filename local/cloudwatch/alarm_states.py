"""Judges the alarms of the table over what was measured, and tells the emulator their states.

The emulator's own evaluation knows no metric math, mixes the dimensions of a metric, and leaves an alarm
raised when no more data come. So the alarms are put there without a metric, and their states are set.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from infra.alarm_sources import Math
from infra.alarm_table import ALARMS, HURT, USERS_HURT
from local.cloudwatch.metric_math import evaluate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from infra.alarm_table import AlarmRow
    from infra.config.fields import Config
    from local.cloudwatch.resource_names import ResourceNames

ONE_BUCKET = 10**9
"""Seconds: a period so long that a query gives one value for all of its time."""


@dataclass(slots=True, kw_only=True)
class AlarmStates:
    """The alarms of one deployment."""

    cloudwatch: Any
    names: ResourceNames
    config: Config
    topic_arn: str
    rows: Sequence[AlarmRow] = ALARMS
    _states: dict[str, str] = field(default_factory=dict)

    def name_of(self, row: str) -> str:
        """Return what an alarm is called here."""
        return f"{self.names.namespace}-{row}"

    def put(self) -> None:
        """Make the alarms."""
        told = {"AlarmActions": [self.topic_arn], "OKActions": [self.topic_arn]}
        for name, text in [*((row.name, row.text) for row in self.rows), (USERS_HURT, HURT)]:
            self.cloudwatch.put_metric_alarm(
                AlarmName=self.name_of(name),
                AlarmDescription=text,
                ComparisonOperator="GreaterThanThreshold",
                EvaluationPeriods=1,
                Metrics=[{"Id": "value", "Expression": "0", "ReturnData": True}],
                TreatMissingData="notBreaching",
                **told,
            )

    def update(self, *, now: datetime) -> dict[str, str]:
        """Judge all alarms, set those that changed, and return every state."""
        raised = {row.name for row in self.rows if self.is_raised(row, now=now)}
        if any(row.hurts for row in self.rows if row.name in raised):
            raised.add(USERS_HURT)
        for name in [*(row.name for row in self.rows), USERS_HURT]:
            state = "ALARM" if name in raised else "OK"
            if self._states.get(name) != state:
                self.cloudwatch.set_alarm_state(
                    AlarmName=self.name_of(name), StateValue=state, StateReason="as measured"
                )
                self._states[name] = state
        return dict(self._states)

    def is_raised(self, row: AlarmRow, *, now: datetime) -> bool:
        """Say whether a row is beyond its threshold over its own period until now; silence is not."""
        value = self.value(row, now=now)
        return value is not None and value > row.above.of(self.config)

    def value(self, row: AlarmRow, *, now: datetime) -> float | None:
        """Return what is compared with the threshold."""
        statistic = "Sum" if isinstance(row.watches, Math) else row.statistic
        values = self._values(row, statistic, now=now)
        if not isinstance(row.watches, Math):
            return values["value"]
        return evaluate(row.watches.with_zeros(), values, period=row.period)

    def _values(self, row: AlarmRow, statistic: str, *, now: datetime) -> dict[str, float | None]:
        results = self.cloudwatch.get_metric_data(
            MetricDataQueries=[self._query(name, row, statistic) for name in row.terms],
            StartTime=now - timedelta(seconds=row.period),
            EndTime=now,
        )["MetricDataResults"]
        return {each["Id"]: each["Values"][0] if each["Values"] else None for each in results}

    def _query(self, name: str, row: AlarmRow, statistic: str) -> dict[str, Any]:
        namespace, metric, dimensions = self.names.measured(row.terms[name])
        listed = [{"Name": key, "Value": value} for key, value in dimensions.items()]
        return {
            "Id": name,
            "MetricStat": {
                "Metric": {"Namespace": namespace, "MetricName": metric, "Dimensions": listed},
                "Period": ONE_BUCKET,
                "Stat": statistic,
            },
        }
