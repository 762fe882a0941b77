"""The form in which an answer is wanted: any JSON object, or JSON as a schema describes it. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

OBJECT_WANTED = "Answer with one JSON object and nothing else: no text around it, and no code fence."
SCHEMA_WANTED = (
    "Answer with JSON that is valid under this JSON Schema and with nothing else: no text around it, and no "
    "code fence.\n\n{schema}"
)
ANY_OBJECT: dict[str, Any] = {"type": "object"}


@dataclass(frozen=True)
class ResponseFormat:
    """What a request said. The order of names in a schema is kept: models write in it."""

    text: str = field(repr=False)
    """JSON, such as `{"type": "json_schema", "json_schema": {"name": …, "schema": …}}`."""

    @cached_property
    def said(self) -> dict[str, Any]:
        """The text, read."""
        said: dict[str, Any] = json.loads(self.text)
        return said

    @property
    def has_schema(self) -> bool:
        """Whether it is more than any JSON object."""
        return bool(self.said["type"] == "json_schema")

    @property
    def name(self) -> str:
        """What the schema is called; empty without one."""
        return str(self.said["json_schema"]["name"]) if self.has_schema else ""

    @property
    def schema(self) -> Any:
        """What an answer must be valid under."""
        return self.said["json_schema"]["schema"] if self.has_schema else ANY_OBJECT

    @property
    def instruction(self) -> str:
        """The sentence that asks for it, where a provider has no parameter for that."""
        if not self.has_schema:
            return OBJECT_WANTED
        schema = json.dumps(self.schema, ensure_ascii=False, separators=(",", ":"))
        return SCHEMA_WANTED.format(schema=schema)


def format_text(said: dict[str, Any]) -> str:
    """Write a request's format as it is kept."""
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"))
