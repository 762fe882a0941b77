"""Log groups: how long a log is kept, and whether it outlives the stack."""

from dataclasses import dataclass

from aws_cdk import RemovalPolicy, Stack
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.names import delivered_log_group_name

_RETENTION = {
    1: logs.RetentionDays.ONE_DAY,
    3: logs.RetentionDays.THREE_DAYS,
    5: logs.RetentionDays.FIVE_DAYS,
    7: logs.RetentionDays.ONE_WEEK,
    14: logs.RetentionDays.TWO_WEEKS,
    30: logs.RetentionDays.ONE_MONTH,
    60: logs.RetentionDays.TWO_MONTHS,
    90: logs.RetentionDays.THREE_MONTHS,
    180: logs.RetentionDays.SIX_MONTHS,
    365: logs.RetentionDays.ONE_YEAR,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LogKeeping:
    """What all log groups of the stack have in common."""

    days: int
    removal: RemovalPolicy

    def group(self, scope: Construct, construct_id: str) -> logs.LogGroup:
        """Make a log group for a function, which writes to it by its role."""
        return self._group(scope, construct_id, name=None)

    def delivered(self, scope: Construct, construct_id: str, *, kind: str) -> logs.LogGroup:
        """Make a log group that an AWS service delivers to."""
        name = delivered_log_group_name(Stack.of(scope).stack_name, kind)
        return self._group(scope, construct_id, name=name)

    def _group(self, scope: Construct, construct_id: str, *, name: str | None) -> logs.LogGroup:
        return logs.LogGroup(
            scope,
            construct_id,
            log_group_name=name,
            retention=_RETENTION[self.days],
            removal_policy=self.removal,
        )
