"""The whole table, read page by page: there is no index by user, which each prompt would have to write."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from functions.shared.dynamodb import s
from functions.shared.generations.reader import generation_from
from tools.output import progress

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_dynamodb import DynamoDBClient

    from functions.shared.dynamodb import Item
    from functions.shared.generations.model import Generation

PAGES_PER_NEWS = 50


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
        for item in self._items("begins_with(pk, :generation) AND sk = :meta", user_id):
            yield generation_from(item)

    def of_user(self, user_id: str) -> Iterator[Item]:
        """Yield every item that names the user: records of generations and connections, slots, tickets."""
        return self._items(None, user_id)

    def _items(self, condition: str | None, user_id: str | None) -> Iterator[Item]:
        values: Item = {}
        conditions = [condition] if condition else []
        if condition:
            values |= {":generation": s("GENERATION#"), ":meta": s("META")}
        if user_id is not None:
            conditions.append("user_id = :user")
            values[":user"] = s(user_id)
        pages = self.client.get_paginator("scan").paginate(
            TableName=self.table,
            FilterExpression=" AND ".join(conditions),
            ExpressionAttributeValues=values,
            ReturnConsumedCapacity="TOTAL",
            # What has just been written must not be missed, above all when data are erased.
            ConsistentRead=user_id is not None,
        )
        for number, page in enumerate(pages, start=1):
            self.read_items += page["ScannedCount"]
            self.read_units += page.get("ConsumedCapacity", {}).get("CapacityUnits", 0)
            if number % PAGES_PER_NEWS == 0:
                progress(f"{self.read_items} items read, {self.read_units:.0f} read units ...")
            yield from page["Items"]
