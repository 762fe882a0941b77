"""Stores what stands for the turns of a chat up to a message, and reads it.

A summary lies in its chat's partition and goes with that. It is written together with a look at the head and
at the message: of a chat that is being deleted, or was begun anew under its id, nothing is written.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from functions.shared.chats.model import Summary
from functions.shared.dynamodb import SUMMARY, head_key, message_key, n, number_of, s, summary_key, text_of
from functions.shared.times import epoch_seconds
from functions.shared.transactions import Entry, Transactions, put

if TYPE_CHECKING:
    from datetime import datetime

    from mypy_boto3_dynamodb import DynamoDBClient

    from functions.shared.dynamodb import Item


@dataclass(frozen=True, slots=True)
class SummaryStore:
    """Reads and writes summaries."""

    client: DynamoDBClient
    table: str

    def get(self, user_id: str, chat_id: str, number: int, *, now: datetime) -> Summary | None:
        """Return the summary up to a message; None if there is none."""
        key = summary_key(user_id, chat_id, number)
        item = self.client.get_item(TableName=self.table, Key=key, ConsistentRead=True).get("Item")
        return _summary_from(item) if item and number_of(item, "expires_at") > now.timestamp() else None

    def between(self, user_id: str, chat_id: str, *, after: int, until: int, now: datetime) -> list[Summary]:
        """Return the summaries up to messages above one and up to another, the newest first: a few."""
        low, high = (summary_key(user_id, chat_id, number) for number in (after + 1, until))
        page = self.client.query(
            TableName=self.table,
            KeyConditionExpression="pk = :pk AND sk BETWEEN :low AND :high",
            FilterExpression="expires_at > :now",
            ExpressionAttributeValues={
                ":pk": low["pk"],
                ":low": low["sk"],
                ":high": high["sk"],
                ":now": n(epoch_seconds(now)),
            },
            ScanIndexForward=False,
            ConsistentRead=True,
        )
        return [_summary_from(item) for item in page["Items"]]

    def put(self, user_id: str, chat_id: str, summary: Summary, *, expires_at: datetime) -> None:
        """Store a summary.

        Raises:
            Cancelled: If there is one, or what it stands for is no longer there.
            WriteRefused: If DynamoDB will never take it.
        """
        item = summary_key(user_id, chat_id, summary.number) | {
            "message_id": s(summary.message_id),
            "turns": n(summary.turns),
            "text": s(summary.text),
            "expires_at": n(epoch_seconds(expires_at)),
        }
        Transactions(self.client, self.table).run(
            [
                Entry(
                    "chat",
                    "ConditionCheck",
                    {"Key": head_key(user_id, chat_id)},
                    condition="attribute_exists(pk) AND attribute_not_exists(#deleted)",
                ),
                Entry(
                    "message",
                    "ConditionCheck",
                    {"Key": message_key(user_id, chat_id, summary.number)},
                    condition="#message_id = :message",
                    values={":message": s(summary.message_id)},
                ),
                put("summary", item, "attribute_not_exists(pk)"),
            ]
        )


def _summary_from(item: Item) -> Summary:
    return Summary(
        number=int(text_of(item, "sk").removeprefix(SUMMARY)),
        message_id=text_of(item, "message_id"),
        turns=number_of(item, "turns"),
        text=text_of(item, "text"),
    )
