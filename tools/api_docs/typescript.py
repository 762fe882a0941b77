"""The contract as TypeScript types, made from its JSON Schema."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tools.api_docs.contract import ANSWERS, UNIONS
from tools.api_docs.schemas import document

if TYPE_CHECKING:
    from collections.abc import Iterable

HEADER = """\
/**
 * The types of the wire contract: messages of the socket, and bodies of the HTTP API.
 *
 * Generated from functions/shared/wire by `python -m tools.api_docs --write`. Do not edit.
 */
"""
PLAIN = {
    "string": "string",
    "integer": "number",
    "number": "number",
    "boolean": "boolean",
    "null": "null",
    "object": "Record<string, unknown>",
}


def text() -> str:
    """Write the whole module."""
    definitions = document()["$defs"]
    kinds = [definitions[model.__name__]["properties"]["type"]["const"] for model in ANSWERS]
    return "\n".join(
        [
            HEADER,
            *(_interface(name, schema) for name, schema in definitions.items()),
            *(_union(name, (model.__name__ for model in models)) for name, models in UNIONS.items()),
            "/** The types of the messages about a generation. */",
            f"export const GENERATION_TYPES: readonly string[] = {json.dumps(kinds)};\n",
        ]
    )


def _interface(name: str, schema: dict[str, Any]) -> str:
    fields = [
        line
        for field, described in schema["properties"].items()
        for line in _field(field, described, is_required=field in schema["required"])
    ]
    return "\n".join([*_comment(schema, ""), f"export interface {name} {{", *fields, "}\n"])


def _field(name: str, schema: dict[str, Any], *, is_required: bool) -> list[str]:
    return [*_comment(schema, "  "), f"  {name}{'' if is_required else '?'}: {_type(schema)};"]


def _comment(schema: dict[str, Any], indent: str) -> list[str]:
    return [f"{indent}/** {schema['description']} */"] if "description" in schema else []


def _union(name: str, members: Iterable[str]) -> str:
    return f"export type {name} =" + "".join(f"\n  | {member}" for member in members) + ";\n"


def _type(schema: dict[str, Any]) -> str:
    match schema:
        case {"const": value}:
            return json.dumps(value)
        case {"enum": values}:
            return " | ".join(json.dumps(value) for value in values)
        case {"$ref": reference}:
            return str(reference).rpartition("/")[2]
        case {"anyOf": kinds}:
            return " | ".join(_type(kind) for kind in kinds)
        case {"type": "array", "items": items}:
            kind = _type(items)
            return f"({kind})[]" if " | " in kind else f"{kind}[]"
    return PLAIN[schema["type"]]
