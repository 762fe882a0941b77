"""Parameters in query and head: each is declared once, and described as it is read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from functions.generate.problems import BadRequest

if TYPE_CHECKING:
    from collections.abc import Mapping

_DIGITS = 10
_MOST = 10**_DIGITS - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryNumber:
    """A whole number in the query."""

    name: str
    description: str
    least: int = 0
    most: int = _MOST

    def of(self, query: Mapping[str, str], default: int) -> int:
        """Read it.

        Raises:
            BadRequest: If it is there, and no such number.
        """
        if self.name not in query:
            return default
        if re.fullmatch(rf"[0-9]{{1,{_DIGITS}}}", query[self.name]):
            number = int(query[self.name])
            if self.least <= number <= self.most:
                return number
        most = "ten digits" if self.most == _MOST else self.most
        raise BadRequest(f"{self.name} must be a whole number, at least {self.least} and at most {most}.")

    def described(self) -> dict[str, Any]:
        """As an OpenAPI parameter."""
        schema = {"type": "integer", "minimum": self.least, "maximum": self.most}
        return {"name": self.name, "in": "query", "description": self.description, "schema": schema}


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryText:
    """A text in the query."""

    name: str
    description: str
    pattern: str
    rule: str
    """The pattern, in words."""

    def of(self, query: Mapping[str, str]) -> str | None:
        """Read it; None if it is not there.

        Raises:
            BadRequest: If it is there, and not of the pattern.
        """
        value = query.get(self.name)
        if value is not None and not re.fullmatch(self.pattern, value):
            raise BadRequest(f"{self.name} {self.rule}.")
        return value

    def described(self) -> dict[str, Any]:
        """As an OpenAPI parameter."""
        schema = {"type": "string", "pattern": f"^{self.pattern}$"}
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


Parameter: TypeAlias = QueryNumber | QueryText | Header
