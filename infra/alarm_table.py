"""Every alarm, one row each: the constructs, the documents' tables and the tests are made from these rows.

A new alarm is a row in `alarm_rows`. If it watches something that a function measures, that is a member of
`Metric`; `python -m tools.alarm_docs --write` then puts it into the documents, and `tools.costs --write` its
price.
"""

from infra.alarm_rows.answers import ANSWERS
from infra.alarm_rows.budgets import BUDGETS
from infra.alarm_rows.capacity import CAPACITY
from infra.alarm_rows.entrance import ENTRANCE
from infra.alarm_rows.row import RUNBOOK, AlarmRow
from infra.alarm_sources import ApiMetric, FunctionMetric, Math, Ours, QueueMetric, TableMetric, Threshold

__all__ = [
    "ALARMS",
    "HURT",
    "RUNBOOK",
    "USERS_HURT",
    "AlarmRow",
    "ApiMetric",
    "FunctionMetric",
    "Math",
    "Ours",
    "QueueMetric",
    "TableMetric",
    "Threshold",
]

ALARMS: tuple[AlarmRow, ...] = (*ANSWERS, *ENTRANCE, *CAPACITY, *BUDGETS)
USERS_HURT = "UsersHurt"
"""The composite alarm: raised while one of those is whose row says that it hurts."""
HURT = f"Users are hurt now. The alarms that raised it, and what to do: {RUNBOOK}#alarm-usershurt"
