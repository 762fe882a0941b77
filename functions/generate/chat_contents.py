"""Takes away what a deleted chat held: messages, prompts that wait, summaries, and the texts of its answers.

Everything up to the version of the deletion goes; a chat that begins under the same id later has higher
numbers. Of each generation stays META without its text, as long as its record would have lived: a late
message finds that nothing is to be done, and a repeated Idempotency-Key what it was told before.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from functions.generate.deletion_record import deletion_key, record_from
from functions.shared.dynamodb import (
    MESSAGE,
    SUMMARY,
    chat_partition,
    generation_key,
    s,
    text_of,
    waiting_key,
)
from functions.shared.errors import Unavailable
from functions.shared.generations import transitions
from functions.shared.transactions import Cancelled, Transactions, delete

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_dynamodb import DynamoDBClient

    from functions.generate.deletion_record import DeletionRecord
    from functions.shared.budgets.ports import Settlements
    from functions.shared.deletion_message import Deletion
    from functions.shared.dynamodb import Item
    from functions.shared.generations.model import Generation

PAGE = 200
"""Items that are looked at before it is asked again whether there is time."""


@dataclass(frozen=True, slots=True)
class Content:
    """One item, and the generation that it names, if it does."""

    key: Item = field(repr=False)
    generation_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatContents:
    """What chats hold."""

    client: DynamoDBClient
    table: str
    settlements: Settlements

    def record(self, deletion: Deletion) -> DeletionRecord | None:
        """Return what is recorded of a deletion; None if it was not carried out, or is finished."""
        key = deletion_key(deletion)
        item = self.client.get_item(TableName=self.table, Key=key, ConsistentRead=True).get("Item")
        return record_from(item) if item else None

    def of(self, deletion: Deletion) -> Iterator[list[Content]]:
        """Yield the messages and summaries that the chat had, a page at a time."""
        query: dict[str, Any] = {
            "TableName": self.table,
            "KeyConditionExpression": "pk = :pk AND sk BETWEEN :low AND :high",
            "ProjectionExpression": "pk, sk, generation_id",
            "ConsistentRead": True,
            "Limit": PAGE,
        }
        for kind in (MESSAGE, SUMMARY):
            query["ExpressionAttributeValues"] = {
                ":pk": chat_partition(deletion.user_id, deletion.chat_id),
                ":low": s(kind),
                ":high": s(f"{kind}{deletion.version:010d}"),
            }
            for items in filter(None, self._pages(query)):
                yield [Content(_key_of(item), text_of(item, "generation_id")) for item in items]

    def delete(self, content: Content) -> None:
        """Delete an item."""
        self.client.delete_item(TableName=self.table, Key=content.key)

    def leave_queue(self, deletion: Deletion, generation: Generation) -> None:
        """Take a prompt away that waited, and give back what is held for it.

        Raises:
            Unavailable: If other transactions are in the way, or have settled the hold just now.
        """
        key = waiting_key(deletion.user_id, deletion.chat_id, generation.generation_id)
        entries = [
            transitions.leave(generation.generation_id),
            delete("waiting", key),
            *self.settlements.release(generation),
        ]
        try:
            Transactions(self.client, self.table).run(entries)
        except Cancelled as cancelled:
            if transitions.NAME not in cancelled.refused:
                raise Unavailable("chat_contended") from None
            # It left the queue before, and this is all that may be left of it.
            self.client.delete_item(TableName=self.table, Key=key)

    def erase_texts(self, generation_id: str) -> None:
        """Delete all that lies beside a generation's record: texts of all attempts, and prompts."""
        query = {
            "TableName": self.table,
            "KeyConditionExpression": "pk = :pk",
            "ExpressionAttributeValues": {":pk": generation_key(generation_id)["pk"]},
            "ProjectionExpression": "pk, sk",
            "ConsistentRead": True,
        }
        for items in self._pages(query):
            for item in items:
                if text_of(item, "sk") != "META":
                    self.client.delete_item(TableName=self.table, Key=_key_of(item))

    def remember(
        self, deletion: Deletion, ids: list[str], kind: Literal["recent", "uploads"] = "recent"
    ) -> None:
        """Note which generations, or attachments, are to be looked at again."""
        if ids:
            values: Item = {":ids": {"SS": ids}}
            self._update(deletion_key(deletion), f"ADD {kind} :ids", "attribute_exists(pk)", values)

    def note_purged(self, deletion: Deletion) -> None:
        """Note that all was taken away."""
        self._update(deletion_key(deletion), "SET purged = :true", "attribute_exists(pk)")

    def finish(self, deletion: Deletion) -> None:
        """Forget the deletion."""
        self.client.delete_item(TableName=self.table, Key=deletion_key(deletion))

    def _update(self, key: Item, update: str, condition: str, values: Item | None = None) -> None:
        """Update an item, if it is there."""
        try:
            self.client.update_item(
                TableName=self.table,
                Key=key,
                UpdateExpression=update,
                ConditionExpression=condition,
                ExpressionAttributeValues=values or {":true": {"BOOL": True}},
            )
        except self.client.exceptions.ConditionalCheckFailedException:
            return

    def _pages(self, query: dict[str, Any]) -> Iterator[list[Item]]:
        following: dict[str, Any] | None = {}
        while following is not None:
            page = self.client.query(**query, **following)
            yield page["Items"]
            last = page.get("LastEvaluatedKey")
            following = {"ExclusiveStartKey": last} if last else None


def _key_of(item: Item) -> Item:
    return {"pk": item["pk"], "sk": item["sk"]}
