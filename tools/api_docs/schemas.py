"""Pydantic's models as JSON Schema (2020-12), without the titles that only repeat the names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic.json_schema import DEFAULT_REF_TEMPLATE, GenerateJsonSchema, models_json_schema

from tools.api_docs import bodies
from tools.api_docs.messages import ANSWERS, REPLIES, SIGNS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydantic import BaseModel
    from pydantic.json_schema import JsonSchemaMode

COMPONENT = "#/components/schemas/{model}"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
BODIES = (
    bodies.GenerateRequest,
    bodies.Accepted,
    bodies.Cancelling,
    bodies.GenerationState,
    bodies.TicketIssued,
    bodies.Connections,
    bodies.ConnectionsClosed,
    bodies.Health,
    bodies.ProblemDetails,
    bodies.GatewayMessage,
)


class _Untitled(GenerateJsonSchema):
    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002
        return False


def definitions(models: Sequence[type[BaseModel]], *, ref: str = DEFAULT_REF_TEMPLATE) -> dict[str, Any]:
    """Describe these models, and everything that they are made of, by name."""
    pairs: list[tuple[type[BaseModel], JsonSchemaMode]] = [(model, "validation") for model in models]
    _, schema = models_json_schema(pairs, ref_template=ref, schema_generator=_Untitled)
    return {name: _untitled(one) for name, one in sorted(schema["$defs"].items())}


def document() -> dict[str, Any]:
    """Everything in one schema; what it validates by itself is a message of the server."""
    heard = (*ANSWERS, *REPLIES)
    return {
        "$schema": DIALECT,
        "$id": "urn:framestream:wire-contract:1",
        "title": "framestream's wire contract, version 1",
        "description": "A message of the server. Everything else that is sent is under $defs.",
        "anyOf": [{"$ref": f"#/$defs/{model.__name__}"} for model in heard],
        "$defs": definitions((*heard, *SIGNS, *BODIES)),
    }


def _untitled(schema: dict[str, Any]) -> dict[str, Any]:
    """Drop a model's title: it stands as the name of its definition already."""
    return {name: value for name, value in schema.items() if name != "title"}
