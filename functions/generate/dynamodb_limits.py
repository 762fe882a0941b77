"""What users asked for lately: one small item a user and kind, replaced version by version."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from functions.generate.limits import Account
from functions.shared.dynamodb import limit_key, n, number_of
from functions.shared.times import epoch_milliseconds, epoch_seconds

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

KEPT = timedelta(days=1)
"""Nothing is under way for so long."""


@dataclass(frozen=True, slots=True)
class DynamoDBAccounts:
    """The accounts of all users for one kind of request."""

    client: DynamoDBClient
    table: str
    kind: str

    def read(self, user_id: str) -> Account:
        """Return a user's account; what has expired counts for nothing, whether or not it is deleted."""
        key = limit_key(user_id, self.kind)
        item = self.client.get_item(TableName=self.table, Key=key, ConsistentRead=True).get("Item", {})
        return Account(
            last_minute=_moments(item, "last_minute"),
            under_way=_moments(item, "under_way"),
            version=number_of(item, "version"),
        )

    def write(self, user_id: str, account: Account, *, now: datetime) -> bool:
        """Replace the version before this one. Returns False if somebody else already has.

        A write whose reply was lost says False too; the next look finds its own name there.
        """
        try:
            self.client.put_item(
                TableName=self.table,
                Item=limit_key(user_id, self.kind)
                | {
                    "last_minute": _numbers(account.last_minute),
                    "under_way": _numbers(account.under_way),
                    "version": n(account.version),
                    "expires_at": n(epoch_seconds(now + KEPT)),
                },
                ConditionExpression="attribute_not_exists(pk) OR version = :before",
                ExpressionAttributeValues={":before": n(account.version - 1)},
            )
        except self.client.exceptions.ConditionalCheckFailedException:
            return False
        return True


def _numbers(moments: Mapping[str, datetime]) -> AttributeValueTypeDef:
    return {"M": {name: n(epoch_milliseconds(moment)) for name, moment in moments.items()}}


def _moments(item: Mapping[str, Any], name: str) -> dict[str, datetime]:
    numbers = item.get(name, {}).get("M", {})
    return {one: datetime.fromtimestamp(int(at["N"]) / 1000, UTC) for one, at in numbers.items()}
