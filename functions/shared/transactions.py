"""Several writes of the table that are made together or not at all, and why they were not.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
"""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from functions.shared.errors import FramestreamError
from functions.shared.generations.claims import WriteRefused

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from botocore.exceptions import ClientError
    from mypy_boto3_dynamodb import DynamoDBClient

    from functions.shared.dynamodb import Item

PASSING = frozenset({"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"})
"""Another transaction has one of the items right now, or writes are too many: the same may succeed soon."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One write of a transaction. In expressions `#name` is the attribute `name`."""

    name: str
    """Names it among the entries of its transaction, to say which one was refused."""
    action: Literal["Put", "Update", "Delete", "ConditionCheck"]
    target: Mapping[str, Any] = field(repr=False)
    """`Item` of a Put, `Key` of the others."""
    update: str = ""
    condition: str = ""
    values: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def request(self, table: str) -> dict[str, Any]:
        """Write it as DynamoDB takes it."""
        expressions = {"UpdateExpression": self.update, "ConditionExpression": self.condition}
        names = {f"#{name}": name for name in re.findall(r"#(\w+)", f"{self.update} {self.condition}")}
        optional = {
            **expressions,
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": dict(self.values),
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD" if self.condition else "",
        }
        given = {name: value for name, value in optional.items() if value}
        return {self.action: {"TableName": table, **self.target, **given}}


def put(name: str, item: Item, condition: str = "", values: Mapping[str, Any] | None = None) -> Entry:
    """Put an item."""
    return Entry(name, "Put", {"Item": item}, condition=condition, values=values or {})


def update(
    name: str, key: Item, expression: str, condition: str = "", values: Mapping[str, Any] | None = None
) -> Entry:
    """Update an item."""
    return Entry(name, "Update", {"Key": key}, expression, condition, values or {})


def delete(name: str, key: Item, condition: str = "", values: Mapping[str, Any] | None = None) -> Entry:
    """Delete an item."""
    return Entry(name, "Delete", {"Key": key}, condition=condition, values=values or {})


class Cancelled(FramestreamError):
    """Nothing of a transaction was written.

    Args:
        refused: The item of each entry whose condition failed, by the entry's name; empty if there was none.
    """

    def __init__(self, refused: Mapping[str, Item]) -> None:
        super().__init__(", ".join(refused) or "conflict")
        self.refused = refused

    @property
    def is_passing(self) -> bool:
        """Whether no condition failed: the same may be tried again."""
        return not self.refused


@dataclass(frozen=True, slots=True)
class Transactions:
    """Runs transactions on one table. What else the SDK raises passes through."""

    client: DynamoDBClient
    table: str

    def run(self, entries: Sequence[Entry]) -> None:
        """Make all writes, or none. A call whose reply was lost is repeated under its token, to no effect.

        Raises:
            Cancelled: If a condition failed, or another transaction was in the way.
            WriteRefused: If the table will never take it.
        """
        try:
            self.client.transact_write_items(
                TransactItems=[entry.request(self.table) for entry in entries],  # type: ignore[misc]
                ClientRequestToken=uuid.uuid4().hex,
            )
        except self.client.exceptions.TransactionCanceledException as error:
            raise _cancelled(error, entries) from None


def _cancelled(error: ClientError, entries: Sequence[Entry]) -> FramestreamError:
    told: Any = error.response
    reasons = told["CancellationReasons"]
    codes = {reason["Code"] for reason in reasons} - {"None", "ConditionalCheckFailed"}
    if codes - PASSING:
        return WriteRefused(min(codes - PASSING))
    return Cancelled(
        {
            entry.name: reason.get("Item", {})
            for entry, reason in zip(entries, reasons, strict=True)
            if reason["Code"] == "ConditionalCheckFailed"
        }
    )
