"""Counts a connection's messages per minute on the record of the connection: one write a message."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from functions.message.replies import MessageTally
from functions.shared.dynamodb import Item, connection_key, moment_of, n, number_of, text_of
from functions.shared.times import epoch_seconds

if TYPE_CHECKING:
    from datetime import datetime

    from mypy_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True, slots=True)
class MessageCounts:
    """The messages of all connections."""

    client: DynamoDBClient
    table: str

    def add(self, connection_id: str, *, refused: bool, now: datetime) -> MessageTally | None:
        """Count one message; None if the connection is not known or has expired.

        The condition names the minute that the counts belong to. In a new minute it fails, and a second
        write starts the counts again.
        """
        minute = epoch_seconds(now) // 60
        heard = [] if refused else ["heard = :one"]  # what was refused is not the first keep-alive
        values = {
            ":minute": n(minute),
            ":now": n(epoch_seconds(now)),
            ":refused": n(int(refused)),
            ":one": n(1),
        }
        known = "attribute_exists(pk) AND expires_at > :now"
        before = self._update(
            connection_id,
            _set(heard) + "ADD message_count :one, refused_count :refused",
            f"{known} AND message_minute = :minute",
            values,
        )
        if before is None:
            before = self._update(
                connection_id,
                _set(
                    [*heard, "message_minute = :minute", "message_count = :one", "refused_count = :refused"]
                ),
                known,
                values,
            )
        if before is None:
            return None
        same_minute = number_of(before, "message_minute") == minute
        return MessageTally(
            connection_id=connection_id,
            expires_at=moment_of(before, "expires_at"),
            is_first="heard" not in before,
            messages_this_minute=1 + (number_of(before, "message_count") if same_minute else 0),
            refusals_this_minute=int(refused) + (number_of(before, "refused_count") if same_minute else 0),
            user_id=text_of(before, "user_id"),
        )

    def _update(self, connection_id: str, update: str, condition: str, values: Item) -> Item | None:
        used = {name: value for name, value in values.items() if name in f"{update} {condition}"}
        try:
            return self.client.update_item(
                TableName=self.table,
                Key=connection_key(connection_id),
                UpdateExpression=update,
                ConditionExpression=condition,
                ExpressionAttributeValues=used,
                ReturnValues="ALL_OLD",
            )["Attributes"]
        except self.client.exceptions.ConditionalCheckFailedException:
            return None


def _set(assignments: list[str]) -> str:
    return f"SET {', '.join(assignments)} " if assignments else ""
