"""Counts the calls that functions make to AWS."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from botocore.client import BaseClient

from functions.shared.aws_client import Service

if TYPE_CHECKING:
    import pytest


def recorded(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Count calls to AWS by their names from now on; a transaction by its single writes."""
    counted: Counter[str] = Counter()
    call = BaseClient._make_api_call  # type: ignore[attr-defined]  # where every call of the SDK passes

    def counting(self: BaseClient, operation: str, parameters: dict[str, Any]) -> Any:
        assert parameters.get("ConsistentRead", True), "an eventual read costs half a unit"
        if operation == "TransactWriteItems":
            for item in parameters["TransactItems"]:
                counted.update(f"Transacted{kind}" for kind in item)
        elif operation != "GetSecretValue":  # once in five minutes, not each time
            counted[operation] += 1
        return call(self, operation, parameters)

    monkeypatch.setattr(BaseClient, "_make_api_call", counting)
    own_call = Service.call

    def counting_our_own(self: Service, operation: str, *arguments: Any, **others: Any) -> bytes:
        counted[operation] += 1
        return own_call(self, operation, *arguments, **others)

    monkeypatch.setattr(Service, "call", counting_our_own)
    return counted
