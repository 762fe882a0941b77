"""moto without what it does over and over: a call answers the same, and computes less."""

from __future__ import annotations

import copy
from collections import defaultdict
from functools import cache
from typing import Any

import pytest
from moto import backend_index
from moto.core import models, responses
from moto.core.serialize import ResponseSerializer
from moto.core.utils import method_names_from_class
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.table import Table

OFTEN = {"dynamodb", "sqs"}
"""Services that most calls are for: moto tries a hundred patterns one after the other."""


def make_light(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mend moto for one test."""
    monkeypatch.setattr(ResponseSerializer, "get_value", _value_by_its_name)
    monkeypatch.setattr(responses, "method_names_from_class", _names_of_methods)
    monkeypatch.setattr(Table, "__deepcopy__", _table_to_go_back_to, raising=False)
    monkeypatch.setattr(DynamoDBBackend, "update_item", _update_a_copy)
    # Nothing here asks AWS through `requests`, for which moto would register 1,300 addresses each time.
    monkeypatch.setattr(models, "RESPONSES_METHODS", [])
    patterns = sorted(backend_index.backend_url_patterns, key=lambda each: each[0] not in OFTEN)
    monkeypatch.setattr(backend_index, "backend_url_patterns", patterns)


_names_of_methods = cache(method_names_from_class)
"""What moto looks up for each call."""
_look_up = ResponseSerializer.get_value


def _value_by_its_name(reply: ResponseSerializer, value: Any, key: str, shape: Any) -> Any:
    """Find a value of a reply. moto looks for each member of each structure under five names: a quarter of
    all that a test takes. What is a dict has the names that DynamoDB gives it."""
    if type(value) is dict and reply.service_model.service_name == "dynamodb":
        return value.get(key)
    return _look_up(reply, value, key, shape)


def _table_to_go_back_to(table: Table, _memo: dict[int, Any]) -> Table:
    """Keep what a table has. moto copies all of it for each entry of a transaction, with every value.

    Items need no copy: a put or a deletion leaves them whole, and so does an update (see below).
    """
    kept = copy.copy(table)
    kept.items = defaultdict(dict, {key: dict(items) for key, items in table.items.items()})
    return kept


_update = DynamoDBBackend.update_item


def _update_a_copy(backend: DynamoDBBackend, table_name: str, key: Any, *changes: Any, **options: Any) -> Any:
    """Update a copy of an item instead of the item, which a transaction may have to go back to."""
    table = backend.get_table(table_name)
    hash_key, range_key = backend.get_keys_value(table, key)
    items: Any = table.items.get(hash_key, {})
    if range_key in items:
        items[range_key] = copy.deepcopy(items[range_key])
    return _update(backend, table_name, key, *changes, **options)
