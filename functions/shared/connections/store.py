"""A user's connections: N slot items, so that the cap cannot drift.

Admission is one transaction over the slot (free, expired, or already mine) and the record that leads from the
connection back to its user. A counter would leak with every lost reply and every lost `$disconnect`; a slot
that is never released is free again when it expires. DynamoDB decides races.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from functions.shared.connections.model import Connection, Released, Slot, SlotClaim
from functions.shared.dynamodb import (
    Item,
    connection_key,
    heard_at,
    moment_of,
    n,
    number_of,
    s,
    slot_key,
    text_of,
    user_key,
)
from functions.shared.times import epoch_seconds

if TYPE_CHECKING:
    from datetime import datetime

    from mypy_boto3_dynamodb import DynamoDBClient


THROTTLED = {"ThrottlingError", "ProvisionedThroughputExceeded"}
MAY_PASS = {"None", "ConditionalCheckFailed", "TransactionConflict", *THROTTLED}
"""Reasons of a cancelled transaction after which another try may succeed; the SDK does not try again."""


@dataclass(frozen=True, slots=True)
class ConnectionStore:
    """The connections of all users."""

    client: DynamoDBClient
    table: str

    def slots(self, user_id: str) -> list[Slot]:
        """List the slots and their holders, expired ones included."""
        page = self.client.query(
            TableName=self.table,
            KeyConditionExpression="pk = :user AND begins_with(sk, :slot)",
            ExpressionAttributeValues={":user": s(user_key(user_id)), ":slot": s("SLOT#")},
            ConsistentRead=True,
        )
        return [_slot_from(user_id, item) for item in page["Items"]]

    def of_user(self, user_id: str, *, now: datetime) -> list[Connection]:
        """List a user's open connections."""
        connections = [slot.connection for slot in self.slots(user_id)]
        return [connection for connection in connections if connection.expires_at > now]

    def claim(
        self, connection: Connection, slot: int, *, now: datetime, instead_of: str | None = None
    ) -> SlotClaim:
        """Take a slot that is free, expired, already this connection's, or held by `instead_of`."""
        fields: Item = {
            "user_id": s(connection.user_id),
            "connection_id": s(connection.connection_id),
            "connected_at": n(epoch_seconds(connection.connected_at)),
            "expires_at": n(epoch_seconds(connection.expires_at)),
            "origin": s(connection.origin),
        }
        mine_or_free = "attribute_not_exists(pk) OR expires_at <= :now OR connection_id IN (:me, :dead)"
        try:
            self.client.transact_write_items(
                TransactItems=[
                    {
                        "Put": {
                            "TableName": self.table,
                            "Item": slot_key(connection.user_id, slot) | fields,
                            "ConditionExpression": mine_or_free,
                            "ExpressionAttributeValues": {
                                ":now": n(epoch_seconds(now)),
                                ":me": s(connection.connection_id),
                                ":dead": s(instead_of or connection.connection_id),
                            },
                        }
                    },
                    {
                        "Put": {
                            "TableName": self.table,
                            "Item": connection_key(connection.connection_id) | fields | {"slot": n(slot)},
                        }
                    },
                ]
            )
        except self.client.exceptions.TransactionCanceledException as error:
            reasons = {reason.get("Code", "None") for reason in error.response.get("CancellationReasons", [])}
            if reasons <= MAY_PASS:
                return _why_not(reasons)
            raise
        return SlotClaim.WON

    def release(self, connection_id: str) -> Released | None:
        """Give back the connection's slot, if it still holds one, and forget the connection.

        Returns None if it was not known. The slot goes first: if we die in between, the record that leads to
        it is still there.
        """
        key = connection_key(connection_id)
        item = self.client.get_item(TableName=self.table, Key=key, ConsistentRead=True).get("Item")
        if item is None:
            return None
        # Reclaimed by a later connection, the slot is no longer this one's to give back.
        with suppress(self.client.exceptions.ConditionalCheckFailedException):
            self.client.delete_item(
                TableName=self.table,
                Key=slot_key(text_of(item, "user_id"), number_of(item, "slot")),
                ConditionExpression="connection_id = :me",
                ExpressionAttributeValues={":me": s(connection_id)},
            )
        self.client.delete_item(TableName=self.table, Key=key)
        return Released(connected_at=moment_of(item, "connected_at"), heard_at=heard_at(item))


def _why_not(reasons: set[str]) -> SlotClaim:
    """Of several reasons, name the one that leaves most open: then the slot must be looked at again."""
    if reasons & THROTTLED:
        return SlotClaim.THROTTLED
    return SlotClaim.LOST if reasons <= {"None", "ConditionalCheckFailed"} else SlotClaim.CONFLICT


def _slot_from(user_id: str, item: Item) -> Slot:
    return Slot(
        number=int(item["sk"]["S"].removeprefix("SLOT#")),
        connection=Connection(
            connection_id=text_of(item, "connection_id"),
            user_id=user_id,
            connected_at=moment_of(item, "connected_at"),
            expires_at=moment_of(item, "expires_at"),
            origin=text_of(item, "origin"),
        ),
    )
