"""What users asked for lately: one small item a user and kind, whose conditions decide races."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from functions.generate.limits import RecentRequests
from functions.shared.dynamodb import Item, item_that_refused, limit_key, n, number_of
from functions.shared.times import epoch_milliseconds, epoch_seconds

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

KEPT = timedelta(days=1)
"""Nothing is under way for so long."""


@dataclass(frozen=True, slots=True)
class RecentRequestsStore:
    """The records of all users for one kind of request."""

    client: DynamoDBClient
    table: str
    kind: str

    def read(self, user_id: str) -> RecentRequests:
        """Return a user's record; what has expired counts for nothing, whether or not it is deleted."""
        key = limit_key(user_id, self.kind)
        item = self.client.get_item(TableName=self.table, Key=key, ConsistentRead=True).get("Item", {})
        return _record_in(item)

    def add(
        self, user_id: str, name: str, *, per_minute: int, at_once: int | None, now: datetime
    ) -> RecentRequests | None:
        """Add a request if the limits allow it. Returns None, or else the record as it is now.

        A write whose reply was lost finds its own name there.
        """
        update = "SET last_minute.#name = :now, expires_at = :kept"
        condition = (
            "attribute_exists(pk) AND "
            "size(last_minute) < :per_minute AND attribute_not_exists(last_minute.#name)"
        )
        values = {":now": n(epoch_milliseconds(now)), ":per_minute": n(per_minute), **_kept(now)}
        if at_once is not None:
            update += ", under_way.#name = :now"
            condition += " AND size(under_way) < :at_once"
            values[":at_once"] = n(at_once)
        try:
            self.client.update_item(
                TableName=self.table,
                Key=limit_key(user_id, self.kind),
                UpdateExpression=update + " ADD version :one",
                ConditionExpression=condition,
                ExpressionAttributeNames={"#name": name},
                ExpressionAttributeValues=values | {":one": n(1)},
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except self.client.exceptions.ConditionalCheckFailedException as error:
            return _record_in(item_that_refused(error))
        return None

    def replace(self, user_id: str, recent: RecentRequests, *, now: datetime) -> RecentRequests | None:
        """Replace the version before this one. Returns None, or else the record as it is now.

        A write whose reply was lost finds its own name there.
        """
        try:
            self.client.put_item(
                TableName=self.table,
                Item=limit_key(user_id, self.kind)
                | {
                    "last_minute": _numbers(recent.last_minute),
                    "under_way": _numbers(recent.under_way),
                    "version": n(recent.version),
                    "expires_at": _kept(now)[":kept"],
                },
                ConditionExpression="attribute_not_exists(pk) OR version = :before",
                ExpressionAttributeValues={":before": n(recent.version - 1)},
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except self.client.exceptions.ConditionalCheckFailedException as error:
            return _record_in(item_that_refused(error))
        return None


def _record_in(item: Mapping[str, Any]) -> RecentRequests:
    return RecentRequests(
        last_minute=_moments(item, "last_minute"),
        under_way=_moments(item, "under_way"),
        version=number_of(item, "version"),
    )


def _kept(now: datetime) -> Item:
    return {":kept": n(epoch_seconds(now + KEPT))}


def _numbers(moments: Mapping[str, datetime]) -> AttributeValueTypeDef:
    return {"M": {name: n(epoch_milliseconds(moment)) for name, moment in moments.items()}}


def _moments(item: Mapping[str, Any], name: str) -> dict[str, datetime]:
    numbers = item.get(name, {}).get("M", {})
    return {one: datetime.fromtimestamp(int(at["N"]) / 1000, UTC) for one, at in numbers.items()}
