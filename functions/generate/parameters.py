"""Parameters in query and head: each is declared once, and described as it is read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from functions.generate.problems import BadRequest

if TYPE_CHECKING:
    from collections.abc import Mapping

_DIGITS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryNumber:
    """A whole number in the query."""

    name: str
    description: str

    def of(self, query: Mapping[str, str], default: int) -> int:
        """Read it.

        Raises:
            BadRequest: If it is there, and no such number.
        """
        if self.name not in query:
            return default
        if not re.fullmatch(rf"[0-9]{{1,{_DIGITS}}}", query[self.name]):
            raise BadRequest(f"{self.name} must be a whole number, at least 0 and at most ten digits.")
        return int(query[self.name])

    def described(self) -> dict[str, Any]:
        """As an OpenAPI parameter."""
        schema = {"type": "integer", "minimum": 0, "maximum": 10**_DIGITS - 1}
        return {"name": self.name, "in": "query", "description": self.description, "schema": schema}


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """A text in the head of a request."""

    name: str
    description: str
    pattern: str
    rule: str
    """The pattern, in words."""

    def of(self, headers: Mapping[str, str]) -> str | None:
        """Read it; None if it is not there.

        Raises:
            BadRequest: If it is there, and not of the pattern.
        """
        value = headers.get(self.name.lower())
        if value is not None and not re.fullmatch(self.pattern, value):
            raise BadRequest(f"{self.name} {self.rule}.")
        return value

    def described(self) -> dict[str, Any]:
        """As an OpenAPI parameter."""
        schema = {"type": "string", "pattern": f"^{self.pattern}$"}
        return {"name": self.name, "in": "header", "description": self.description, "schema": schema}


Parameter: TypeAlias = QueryNumber | Header
