"""The models table: which models there are, which of them stands in for which, and what an answer may cost.

Without rows, there is one server for all models, and any name is one of its models.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from functions.shared.budgets.prices import Price, price_of
from functions.shared.errors import FramestreamError
from functions.shared.models.row import ModelRow, row_of
from functions.shared.models.texts import MODEL
from functions.shared.setting_rules import NotAllowedError, NotAllowedInside, Rule
from functions.shared.setting_texts import shown
from functions.shared.strict_json import read_object

FILE = "models.json"
"""Where functions find the table: beside their code, since an environment has no room for it."""
FOLDER = Path(__file__).parents[3]
MOST = 50
LARGEST_OUTPUT = 128_000
"""Tokens that an answer may have where no limit is sent: as many as the largest that models allow."""


class UnknownModel(FramestreamError):
    """The table has no such row: the model was taken out while a prompt for it waited."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelTable:
    """The models of one deployment.

    Args:
        rows: The models.
        prices: What the deployment says that models cost, for rows that have no price.
        output_tokens: The longest answer, for rows that have no limit; 0: there is none.
    """

    rows: tuple[ModelRow, ...] = ()
    prices: tuple[tuple[str, Price], ...] = field(default=(), repr=False)
    output_tokens: int = 0

    @property
    def names(self) -> tuple[str, ...]:
        """What prompts call the models."""
        return tuple(row.name for row in self.rows)

    def find(self, name: str) -> ModelRow | None:
        """Return a model's row; None if there are rows, and none for it."""
        for row in self.rows:
            if row.name == name:
                return row
        return None if self.rows else ModelRow(name=name)

    def row(self, name: str) -> ModelRow:
        """Return a model's row.

        Raises:
            UnknownModel: If there are rows, and none for it.
        """
        row = self.find(name)
        if row is None:
            raise UnknownModel(name)
        return row

    def chain(self, name: str) -> tuple[ModelRow, ...]:
        """Return a model's row, and those that may answer in its place, in their order."""
        chain = [self.row(name)]
        while (fallback := chain[-1].fallback) and fallback not in {row.name for row in chain}:
            chain.append(self.row(fallback))
        return tuple(chain)

    def price_of(self, name: str) -> Price | None:
        """What a model costs; None if that is not known."""
        row = self.find(name) or ModelRow(name=name)
        return row.price or price_of(name, self.prices) or price_of(row.id, self.prices)

    def output_of(self, name: str) -> int:
        """How many tokens a model's answer may have; 0 if it is sent no limit."""
        return self.row(name).output_tokens or self.output_tokens

    def largest_output(self, name: str) -> int:
        """How many tokens an answer may have, whichever model gives it."""
        return max(self.output_of(row.name) or LARGEST_OUTPUT for row in self.chain(name))

    def highest_cost(self, name: str, *, input_tokens: int) -> int | None:
        """What an answer can cost at most, whichever model gives it; None if a price is not known."""
        costs = []
        for row in self.chain(name):
            price = self.price_of(row.name)
            if price is None:
                return None
            output = self.output_of(row.name) or LARGEST_OUTPUT
            costs.append(price.at_most(input_tokens=input_tokens, output_tokens=output))
        return max(costs)


class Models(Rule[tuple[ModelRow, ...]]):
    """Rows by name; a function reads them from a file."""

    hides = ""
    allowed = f"an object of up to {MOST} models by name, each an object; see [Models](models.md)"

    def parse(self, given: object) -> tuple[ModelRow, ...]:
        if isinstance(given, tuple):
            return given  # Read before.
        if isinstance(given, str):
            given = read_object(given.encode()) if given.strip() else {}
        if not isinstance(given, Mapping) or len(given) > MOST:
            raise ValueError("no object, or a large one")
        rows = tuple(row_of(_name(name), row) for name, row in given.items())
        _check_fallbacks({row.name: row.fallback for row in rows})
        return rows

    def read(self, text: str) -> tuple[ModelRow, ...]:
        """Read the table, if a function is told that it has one."""
        if text not in ("", FILE):
            raise ValueError(text)
        try:
            return self.parse(json.loads((FOLDER / text).read_bytes())) if text else ()
        except OSError as error:
            raise ValueError(text) from error

    def text_of(self, value: tuple[ModelRow, ...]) -> str:
        return FILE if value else ""

    def in_json(self, value: tuple[ModelRow, ...]) -> object:
        return {row.name: row.in_json() for row in value}


def _name(given: object) -> str:
    try:
        return MODEL.parse(given)
    except NotAllowedError:
        raise
    except ValueError:
        raise NotAllowedError(f"the name {shown(given)} must be {MODEL.allowed}") from None


def _check_fallbacks(fallbacks: Mapping[str, str]) -> None:
    """Refuse those that name no row, or that lead back to where they began."""
    for name, fallback in fallbacks.items():
        if fallback and fallback not in fallbacks:
            raise NotAllowedInside(f"{name}.fallback", repr(fallback), "there is no such model")
    for name in fallbacks:
        chain = _chain(name, fallbacks)
        if fallbacks[chain[-1]] == name:
            circle = " → ".join([*chain, name])
            raise NotAllowedInside(f"{name}.fallback", repr(fallbacks[name]), f"{circle} has no end")


def _chain(name: str, fallbacks: Mapping[str, str]) -> list[str]:
    """Follow the fallbacks, none twice."""
    chain = [name]
    while (following := fallbacks[chain[-1]]) and following not in chain:
        chain.append(following)
    return chain
