"""The contract as JSON Schema (2020-12)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tools.api_docs import declared
from tools.api_docs.contract import ANSWERS, BODIES, CLIENT_MESSAGES, NEWS, REPLIES, is_open

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tools.api_docs.contract import Model

DEFINITION = "#/$defs/{model}"
COMPONENT = "#/components/schemas/{model}"
DIALECT = "https://json-schema.org/draft/2020-12/schema"


def definitions(models: Iterable[Model], *, ref: str = DEFINITION) -> dict[str, Any]:
    """Describe these models, and everything that they are made of, by name."""
    waiting, found = list(models), {}

    def reference(model: Model) -> str:
        waiting.append(model)
        return ref.format(model=model.__name__)

    while waiting:
        model = waiting.pop()
        if model.__name__ not in found:
            found[model.__name__] = declared.schema_of(model, reference, is_open=is_open(model))
    return dict(sorted(found.items()))


def document() -> dict[str, Any]:
    """Everything in one schema; what it validates by itself is a message of the server."""
    heard = (*ANSWERS, *NEWS, *REPLIES)
    return {
        "$schema": DIALECT,
        "$id": "urn:framestream:wire-contract:1",
        "title": "framestream's wire contract, version 1",
        "description": "A message of the server. Everything else that is sent is under $defs.",
        "anyOf": [{"$ref": f"#/$defs/{model.__name__}"} for model in heard],
        "$defs": definitions((*heard, *CLIENT_MESSAGES, *BODIES)),
    }
