"""Counts a connection's messages per minute on the record of the connection: one write a message.

Each minute has attributes of its own, so no condition and no second write is needed to begin a new one. Those
of the minutes before are removed by the way. What a client leaves that is silent for longer stays: a
connection lives for two hours at most, so there are some twenty small numbers then.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from functions.message.replies import MessageTally
from functions.shared.dynamodb import connection_key, heard_at, moment_of, n, number_of, text_of
from functions.shared.times import epoch_seconds

if TYPE_CHECKING:
    from datetime import datetime

    from mypy_boto3_dynamodb import DynamoDBClient

FORGOTTEN = 5
"""The counts of so many minutes before the present one are removed."""


@dataclass(frozen=True, slots=True)
class MessageCounts:
    """The messages of all connections."""

    client: DynamoDBClient
    table: str

    def add(self, connection_id: str, *, refused: bool, now: datetime) -> MessageTally | None:
        """Count one message; None if the connection is not known or has expired."""
        minute = epoch_seconds(now) // 60
        count, refusals = count_of(minute), refusals_of(minute)
        counted = f"{count} :one" + (f", {refusals} :one" if refused else "")
        # What was refused is not the first keep-alive.
        heard = "" if refused else "SET heard = :now "
        try:
            before = self.client.update_item(
                TableName=self.table,
                Key=connection_key(connection_id),
                UpdateExpression=f"{heard}ADD {counted} REMOVE {', '.join(_before(minute))}",
                ConditionExpression="attribute_exists(pk) AND expires_at > :now",
                ExpressionAttributeValues={":now": n(epoch_seconds(now)), ":one": n(1)},
                ReturnValues="ALL_OLD",
            )["Attributes"]
        except self.client.exceptions.ConditionalCheckFailedException:
            return None
        return MessageTally(
            connection_id=connection_id,
            expires_at=moment_of(before, "expires_at"),
            is_first="heard" not in before,
            messages_this_minute=1 + number_of(before, count),
            refusals_this_minute=int(refused) + number_of(before, refusals),
            user_id=text_of(before, "user_id"),
            unheard_for=now - heard_at(before),
        )


def count_of(minute: int) -> str:
    """Name the attribute that counts a minute's messages."""
    return f"messages_{minute}"


def refusals_of(minute: int) -> str:
    """Name the attribute that counts those of them that were refused."""
    return f"refusals_{minute}"


def _before(minute: int) -> list[str]:
    minutes = range(minute - FORGOTTEN, minute)
    return [name_of(each) for each in minutes for name_of in (count_of, refusals_of)]
