"""Reads and writes what the table knows of attachments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from functions.shared.attachments.items import (
    ATTACHMENT,
    attachment_from,
    attachment_item,
    attachment_key,
)
from functions.shared.dynamodb import chat_partition, s

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from mypy_boto3_dynamodb import DynamoDBClient

    from functions.shared.attachments.model import Attachment


@dataclass(frozen=True, slots=True)
class AttachmentStore:
    """The attachments of one table. What the SDK raises passes through."""

    client: DynamoDBClient
    table: str

    def put(self, attachment: Attachment) -> None:
        """Record an attachment that is about to be uploaded."""
        self.client.put_item(TableName=self.table, Item=attachment_item(attachment))

    def find(self, user_id: str, chat_id: str, attachment_id: str, *, now: datetime) -> Attachment | None:
        """Return an attachment of a chat; None if there is none, or no longer."""
        key = attachment_key(user_id, chat_id, attachment_id)
        item = self.client.get_item(TableName=self.table, Key=key, ConsistentRead=True).get("Item")
        found = attachment_from(item) if item else None
        return found if found and found.expires_at > now else None

    def delete(self, attachment: Attachment) -> None:
        """Forget an attachment."""
        key = attachment_key(attachment.user_id, attachment.chat_id, attachment.attachment_id)
        self.client.delete_item(TableName=self.table, Key=key)

    def of_chat(self, user_id: str, chat_id: str) -> Iterator[Attachment]:
        """Yield all attachments of a chat, also those that have expired."""
        query: dict[str, Any] = {
            "TableName": self.table,
            "KeyConditionExpression": "pk = :pk AND begins_with(sk, :kind)",
            "ExpressionAttributeValues": {":pk": chat_partition(user_id, chat_id), ":kind": s(ATTACHMENT)},
            "ConsistentRead": True,
        }
        following: dict[str, Any] | None = {}
        while following is not None:
            page = self.client.query(**query, **following)
            yield from map(attachment_from, page["Items"])
            last = page.get("LastEvaluatedKey")
            following = {"ExclusiveStartKey": last} if last else None
