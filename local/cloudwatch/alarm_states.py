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

Terms = dict[str, "float | None"]
"""What was measured of the sources of a row, by their names in its expression."""
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
        values = self._compared(self.rows, now=now)
        raised = {row.name for row in self.rows if self._is_beyond(row, values[row.name])}
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
        return self._is_beyond(row, self.value(row, now=now))

    def value(self, row: AlarmRow, *, now: datetime) -> float | None:
        """Return what is compared with the threshold."""
        return self._compared([row], now=now)[row.name]

    def _is_beyond(self, row: AlarmRow, value: float | None) -> bool:
        return value is not None and value > row.above.of(self.config)

    def _compared(self, rows: Sequence[AlarmRow], *, now: datetime) -> dict[str, float | None]:
        """Return what is compared of each row, with one call for all rows of a period.

        A call for each row at every look would cost this machine more than the rest of an idle system.
        """
        found: dict[str, float | None] = {}
        for period in {row.period for row in rows}:
            alike = [row for row in rows if row.period == period]
            values = self._values(alike, start=now - timedelta(seconds=period), end=now)
            found |= {row.name: _value(row, terms) for row, terms in zip(alike, values, strict=True)}
        return found

    def _values(self, rows: Sequence[AlarmRow], *, start: datetime, end: datetime) -> list[Terms]:
        """Ask for the terms of these rows."""
        queries = [
            self._query(_id(number, name), row, name) for number, row in enumerate(rows) for name in row.terms
        ]
        results = self.cloudwatch.get_metric_data(MetricDataQueries=queries, StartTime=start, EndTime=end)
        values = {each["Id"]: next(iter(each["Values"]), None) for each in results["MetricDataResults"]}
        return [{name: values[_id(number, name)] for name in row.terms} for number, row in enumerate(rows)]

    def _query(self, query_id: str, row: AlarmRow, name: str) -> dict[str, Any]:
        namespace, metric, dimensions = self.names.measured(row.terms[name])
        listed = [{"Name": key, "Value": value} for key, value in dimensions.items()]
        return {
            "Id": query_id,
            "MetricStat": {
                "Metric": {"Namespace": namespace, "MetricName": metric, "Dimensions": listed},
                "Period": ONE_BUCKET,
                "Stat": "Sum" if isinstance(row.watches, Math) else row.statistic,
            },
        }


def _id(number: int, term: str) -> str:
    """What a term of a row is called in a query for several rows."""
    return f"row{number}_{term}"


def _value(row: AlarmRow, terms: Terms) -> float | None:
    if isinstance(row.watches, Math):
        return evaluate(row.watches.with_zeros(), terms, period=row.period)
    return terms["value"]
