"""The table that holds connections, generations and their text: made by the stack, or taken up again."""

from aws_cdk import RemovalPolicy
from aws_cdk import aws_dynamodb as dynamodb
from constructs import Construct

COLD_WRITES = 4000
"""As many write units a second does a new table take without having been warmed."""


class Storage(Construct):
    """One table: on demand, encrypted, restorable to any second of the last 35 days.

    A table that exists already is used as it is; docs/deploying.md says what it must be like.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, existing: str, kept: bool, warm_writes: int
    ) -> None:
        super().__init__(scope, construct_id)
        self.table: dynamodb.ITable
        if existing:
            self.table = dynamodb.Table.from_table_name(self, "Existing", existing)
        else:
            self.table = self._make(kept=kept, warm_writes=warm_writes)

    def _make(self, *, kept: bool, warm_writes: int) -> dynamodb.Table:
        return dynamodb.Table(
            self,
            "Table",
            partition_key=dynamodb.Attribute(name="pk", type=dynamodb.AttributeType.STRING),
            sort_key=dynamodb.Attribute(name="sk", type=dynamodb.AttributeType.STRING),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            # No `encryption`: DynamoDB encrypts with a key of its own. The account's would be asked, and paid
            # for, again and again.
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            warm_throughput=_warmed(warm_writes),
            time_to_live_attribute="expires_at",
            deletion_protection=kept,
            # Not RETAIN_ON_UPDATE_OR_DELETE: that deletes a table whose deployment failed, and a protected
            # one cannot be deleted, so the roll-back would fail too.
            removal_policy=RemovalPolicy.RETAIN if kept else RemovalPolicy.DESTROY,
        )


def _warmed(writes: int) -> dynamodb.WarmThroughput | None:
    return dynamodb.WarmThroughput(write_units_per_second=writes) if writes > COLD_WRITES else None
