"""Counts what calls to AWS cost in units: every read here is consistent, and every item below 1 KB."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from botocore.client import BaseClient

from tools.costs.prices import Item

if TYPE_CHECKING:
    import pytest

UNITS = {
    "GetItem": Item.READ,
    "Query": Item.READ,
    "PutItem": Item.WRITE,
    "UpdateItem": Item.WRITE,
    "DeleteItem": Item.WRITE,
    "SendMessage": Item.QUEUE_REQUEST,
    "PostToConnection": Item.WEBSOCKET_MESSAGE,
}


def metered(monkeypatch: pytest.MonkeyPatch) -> Counter[Item]:
    """Count from now on."""
    counted: Counter[Item] = Counter()
    call = BaseClient._make_api_call  # type: ignore[attr-defined]  # where every call of the SDK passes

    def counting(self: BaseClient, operation: str, parameters: dict[str, Any]) -> Any:
        if operation == "TransactWriteItems":
            counted[Item.WRITE] += 2 * len(parameters["TransactItems"])
        elif operation in UNITS:
            assert parameters.get("ConsistentRead", True), "an eventual read costs half a unit"
            counted[UNITS[operation]] += 1
        return call(self, operation, parameters)

    monkeypatch.setattr(BaseClient, "_make_api_call", counting)
    return counted
