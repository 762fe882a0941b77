"""The whole table, read page by page: there is no index by user, which each prompt would have to write."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from functions.shared.budgets.counters import partition
from functions.shared.budgets.items import LINE
from functions.shared.dynamodb import Item, chat_partition, chats_partition, limit_key, s
from functions.shared.generations.items import generation_from
from tools.output import progress

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mypy_boto3_dynamodb import DynamoDBClient

    from functions.shared.generations.model import Generation

PAGES_PER_NEWS = 50
LEDGER: Item = {":budget": s("BUDGET#"), ":line": s(LINE)}


@dataclass(slots=True)
class Walk:
    """Walks through the items. DynamoDB bills what it reads, not what it returns."""

    client: DynamoDBClient
    table: str
    read_units: float = field(default=0, init=False)
    """What the walks so far have cost, in units of four kilobytes read consistently, or of eight."""
    read_items: int = field(default=0, init=False)

    def generations(self, user_id: str | None = None) -> Iterator[Generation]:
        """Yield the records of all generations, or of one user's."""
        condition = "begins_with(pk, :generation) AND sk = :meta"
        values: Item = {":generation": s("GENERATION#"), ":meta": s("META")}
        if user_id is not None:
            condition += " AND user_id = :user"
            values[":user"] = s(user_id)
        for item in self._items(condition, values, is_consistent=user_id is not None):
            yield generation_from(item)

    def ledger(self, user_id: str | None = None) -> Iterator[Item]:
        """Yield the ledger's lines, of all users or, without a walk, of one."""
        if user_id is None:
            yield from self._items(
                "begins_with(pk, :budget) AND begins_with(sk, :line)", LEDGER, is_consistent=False
            )
            return
        values: Item = {":pk": partition(user_id), ":line": s(LINE)}
        pages = self.client.get_paginator("query").paginate(
            TableName=self.table,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :line)",
            ExpressionAttributeValues=values,
            ReturnConsumedCapacity="TOTAL",
        )
        yield from self._counted(pages)

    def of_user(self, user_id: str) -> Iterator[Item]:
        """Yield every item that names the user, in an attribute or in the key.

        Records of generations and connections, slots and tickets do so in an attribute; limits, budgets,
        chats and what is in them in the key.
        """
        values = {
            ":user": s(user_id),
            ":limits": limit_key(user_id, "")["pk"],
            ":budget": s(f"BUDGET#{user_id}"),
            ":chats": chats_partition(user_id),
            ":chat": chat_partition(user_id, ""),
        }
        condition = "user_id = :user OR pk IN (:limits, :budget, :chats) OR begins_with(pk, :chat)"
        # What has just been written must not be missed, above all when data are erased.
        return self._items(condition, values, is_consistent=True)

    def _items(self, condition: str, values: Item, *, is_consistent: bool) -> Iterator[Item]:
        pages = self.client.get_paginator("scan").paginate(
            TableName=self.table,
            FilterExpression=condition,
            ExpressionAttributeValues=values,
            ReturnConsumedCapacity="TOTAL",
            ConsistentRead=is_consistent,
        )
        return self._counted(pages)

    def _counted(self, pages: Iterable[Any]) -> Iterator[Item]:
        for number, page in enumerate(pages, start=1):
            self.read_items += page["ScannedCount"]
            self.read_units += page.get("ConsumedCapacity", {}).get("CapacityUnits", 0)
            if number % PAGES_PER_NEWS == 0:
                progress(f"{self.read_items} items read, {self.read_units:.0f} read units ...")
            yield from page["Items"]
