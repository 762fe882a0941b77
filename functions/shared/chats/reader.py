"""Reads chats: heads, messages, and what waits. What has expired is not there, deleted or not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from functions.shared.chats.items import chat_from, message_from
from functions.shared.dynamodb import (
    LAST_NUMBER,
    chats_partition,
    head_key,
    message_key,
    n,
    text_of,
    waiting_key,
)
from functions.shared.times import epoch_seconds

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from mypy_boto3_dynamodb import DynamoDBClient

    from functions.shared.chats.model import Chat, ChatMessage
    from functions.shared.dynamodb import Item


@dataclass(frozen=True, slots=True)
class ChatReader:
    """Reads consistently: what was written before is seen."""

    client: DynamoDBClient
    table: str

    def head(self, user_id: str, chat_id: str, *, now: datetime) -> Chat | None:
        """Return a chat's head, also of one that is being deleted; None if there is none."""
        item = self._item(head_key(user_id, chat_id), now)
        return chat_from(item) if item else None

    def heads(self, user_id: str, *, now: datetime) -> Iterator[Chat]:
        """Yield the heads of a user's chats, in no order that matters."""
        values = {":pk": chats_partition(user_id), ":now": n(epoch_seconds(now))}
        for item in self._pages(KeyConditionExpression="pk = :pk", ExpressionAttributeValues=values):
            yield chat_from(item)

    def message(self, user_id: str, chat_id: str, number: int, *, now: datetime) -> ChatMessage | None:
        """Return the message that made this version of its chat; None if another change did."""
        item = self._item(message_key(user_id, chat_id, number), now)
        return message_from(item) if item else None

    def messages(
        self,
        user_id: str,
        chat_id: str,
        *,
        after: int = 0,
        until: int = LAST_NUMBER,
        newest_first: bool = False,
        page: int | None = None,
        now: datetime,
    ) -> Iterator[ChatMessage]:
        """Yield the messages with numbers above `after` and up to `until`.

        So many as `page` says are read at a time, or a megabyte.
        """
        values = {
            ":pk": message_key(user_id, chat_id, 0)["pk"],
            ":low": message_key(user_id, chat_id, after + 1)["sk"],
            ":high": message_key(user_id, chat_id, until)["sk"],
            ":now": n(epoch_seconds(now)),
        }
        between = "pk = :pk AND sk BETWEEN :low AND :high"
        for item in self._pages(
            KeyConditionExpression=between,
            ExpressionAttributeValues=values,
            ScanIndexForward=not newest_first,
            **({"Limit": page} if page else {}),
        ):
            yield message_from(item)

    def waiting_prompt(self, user_id: str, chat_id: str, generation_id: str, *, now: datetime) -> str | None:
        """Return a prompt that waits in its chat's queue; None if it does not."""
        item = self._item(waiting_key(user_id, chat_id, generation_id), now)
        return text_of(item, "text") if item else None

    def _item(self, key: Item, now: datetime) -> Item | None:
        item = self.client.get_item(TableName=self.table, Key=key, ConsistentRead=True).get("Item")
        return item if item and int(item["expires_at"]["N"]) > now.timestamp() else None

    def _pages(self, **query: Any) -> Iterator[Item]:
        """Yield what a query finds, a page at a time, as far as the caller goes on."""
        query |= {"TableName": self.table, "FilterExpression": "expires_at > :now", "ConsistentRead": True}
        following: dict[str, Any] | None = {}
        while following is not None:
            page = self.client.query(**query, **following)
            yield from page["Items"]
            last = page.get("LastEvaluatedKey")
            following = {"ExclusiveStartKey": last} if last else None
