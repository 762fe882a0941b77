"""One DynamoDB table in memory, for transactions from many threads: with conflicts, as the real one has.

It understands the expressions of the budgets and no others: comparisons, `attribute_exists`,
`attribute_not_exists`, AND, OR and brackets in conditions; SET and ADD in updates.
"""

# ruff: noqa: N803 - arguments are called as boto3 calls them.

from __future__ import annotations

import copy
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from functions.shared.aws_client import _Exceptions, error_class
from functions.shared.dynamodb import Item

TOKEN = re.compile(r"\s*(\(|\)|<=|<|=|,|AND\b|OR\b|[#:]?\w+)")


def never() -> bool:
    """Let no transaction collide."""
    return False


@dataclass
class FakeTable:
    """Implements the calls of a DynamoDB client that transactions and ledgers make."""

    items: dict[tuple[str, str], Item] = field(default_factory=dict)
    collides: Callable[[], bool] = never
    """Whether the next transaction meets another one on its items."""
    exceptions: _Exceptions = field(default_factory=_Exceptions)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def get_item(self, *, TableName: str, Key: Item, ConsistentRead: bool = False) -> dict[str, Any]:
        found = self.items.get(key_of(Key))
        return {"Item": copy.deepcopy(found)} if found else {}

    def put_item(self, *, TableName: str, Item: Item) -> None:
        self.items[key_of(Item)] = Item

    def delete_item(self, *, TableName: str, Key: Item) -> None:
        self.items.pop(key_of(Key), None)

    def query(self, *, ExpressionAttributeValues: Mapping[str, Any], **_: Any) -> dict[str, Any]:
        pk, low, high = (value["S"] for value in ExpressionAttributeValues.values())
        with self._lock:
            found = sorted(key for key in self.items if key[0] == pk and low <= key[1] <= high)
            return {"Items": [copy.deepcopy(self.items[key]) for key in found]}

    def transact_write_items(self, *, TransactItems: list[dict[str, Any]], ClientRequestToken: str) -> None:
        with self._lock:
            if self.collides():
                raise _cancelled(
                    [{"Code": "TransactionConflict"}] + [{"Code": "None"}] * (len(TransactItems) - 1)
                )
            writes = [next(iter(each.items())) for each in TransactItems]
            keys = [key_of(write.get("Key") or write["Item"]) for _, write in writes]
            assert len(set(keys)) == len(keys), "a transaction names an item once"
            reasons = [
                self._refusal(write, self.items.get(key, {}))
                for (_, write), key in zip(writes, keys, strict=True)
            ]
            if any(reason["Code"] != "None" for reason in reasons):
                raise _cancelled(reasons)
            for (action, write), key in zip(writes, keys, strict=True):
                self._write(action, write, key)

    def of(self, pk: str, prefix: str = "") -> list[Item]:
        """The items of a partition whose sort keys begin so."""
        return [
            item for (found, sk), item in sorted(self.items.items()) if found == pk and sk.startswith(prefix)
        ]

    def _refusal(self, write: dict[str, Any], item: Item) -> dict[str, Any]:
        condition = write.get("ConditionExpression")
        if not condition or _Condition(condition, item, write.get("ExpressionAttributeValues", {})).holds():
            return {"Code": "None"}
        return {"Code": "ConditionalCheckFailed", **({"Item": copy.deepcopy(item)} if item else {})}

    def _write(self, action: str, write: dict[str, Any], key: tuple[str, str]) -> None:
        if action == "Put":
            self.items[key] = write["Item"]
        elif action == "Delete":
            self.items.pop(key, None)
        elif action == "Update":
            item = self.items.setdefault(key, dict(write["Key"]))
            _update(item, write["UpdateExpression"], write["ExpressionAttributeValues"])


def key_of(item: Mapping[str, Any]) -> tuple[str, str]:
    """The key of an item."""
    return item["pk"]["S"], item["sk"]["S"]


def _cancelled(reasons: list[dict[str, Any]]) -> ClientError:
    response: Any = {"Error": {"Code": "TransactionCanceledException"}, "CancellationReasons": reasons}
    return error_class("TransactionCanceledException")(response, "TransactWriteItems")


def _update(item: Item, expression: str, values: Mapping[str, Any]) -> None:
    sets, _, adds = expression.removeprefix("SET ").partition(" ADD ")
    for name, value in (part.split(" = ") for part in sets.split(", ")):
        item[name] = values[value]
    for name, value in (part.split(" ") for part in adds.split(", ") if part):
        item[name] = {"N": str(int(item.get(name, {}).get("N", 0)) + int(values[value]["N"]))}


class _Condition:
    """A condition, read from left to right; AND binds more than OR."""

    def __init__(self, text: str, item: Item, values: Mapping[str, Any]) -> None:
        self.tokens = TOKEN.findall(text)
        self.item, self.values = item, values

    def holds(self) -> bool:
        held = self._either()
        assert not self.tokens, self.tokens
        return held

    def _either(self) -> bool:
        held = self._both()
        while self.tokens[:1] == ["OR"]:
            self.tokens.pop(0)
            held = self._both() or held
        return held

    def _both(self) -> bool:
        held = self._one()
        while self.tokens[:1] == ["AND"]:
            self.tokens.pop(0)
            held = self._one() and held
        return held

    def _one(self) -> bool:
        token = self.tokens.pop(0)
        if token == "(":
            held = self._either()
            assert self.tokens.pop(0) == ")"
            return held
        if token in {"attribute_exists", "attribute_not_exists"}:
            _, name, _ = (self.tokens.pop(0) for _ in range(3))
            return (name.removeprefix("#") in self.item) is (token == "attribute_exists")
        comparison, value = self.tokens.pop(0), self.values[self.tokens.pop(0)]
        found = self.item.get(token.removeprefix("#"))
        return found is not None and _compare(found, comparison, value)


def _compare(found: Any, comparison: str, value: Any) -> bool:
    (kind, left), (other, right) = next(iter(found.items())), next(iter(value.items()))
    if kind != other:
        return False
    if kind == "N":
        left, right = int(left), int(right)
    return bool({"<=": left <= right, "<": left < right, "=": left == right}[comparison])
