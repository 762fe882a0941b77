"""Tickets in the table. Using one deletes it, on condition that it is there: DynamoDB lets one user win."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from functions.shared.connections.tickets import Ticket, digest
from functions.shared.dynamodb import Item, moment_of, n, number_of, s, text_of
from functions.shared.times import epoch_seconds

if TYPE_CHECKING:
    from datetime import datetime

    from mypy_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True, slots=True)
class TicketStore:
    """The tickets that are out."""

    client: DynamoDBClient
    table: str

    def put(self, secret: str, ticket: Ticket) -> None:
        """Record a ticket under the hash of its secret."""
        self.client.put_item(
            TableName=self.table,
            Item=_key(secret)
            | {
                "user_id": s(ticket.user_id),
                "origin": s(ticket.origin),
                "session_expires_at": n(ticket.session_expires_at),
                "expires_at": n(epoch_seconds(ticket.expires_at)),
            },
        )

    def redeem(self, secret: str, *, origin: str, now: datetime) -> Ticket | None:
        """Use a ticket up. None: there is none, it has expired, or another page asked for it.

        A ticket shown by the wrong page stays: no page can use up another page's ticket.
        """
        try:
            item = self.client.delete_item(
                TableName=self.table,
                Key=_key(secret),
                ConditionExpression="attribute_exists(pk) AND expires_at > :now AND origin = :origin",
                ExpressionAttributeValues={":now": n(epoch_seconds(now)), ":origin": s(origin)},
                ReturnValues="ALL_OLD",
            )["Attributes"]
        except self.client.exceptions.ConditionalCheckFailedException:
            return None
        return Ticket(
            user_id=text_of(item, "user_id"),
            origin=text_of(item, "origin"),
            session_expires_at=number_of(item, "session_expires_at"),
            expires_at=moment_of(item, "expires_at"),
        )


def _key(secret: str) -> Item:
    return {"pk": s(f"TICKET#{digest(secret)}"), "sk": s("META")}
