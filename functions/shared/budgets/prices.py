"""What models cost: list prices with their dates, and those that a deployment names. Whole micro-dollars."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from functions.shared.budgets.money import dollars_of, micros_of
from functions.shared.setting_rules import Rule

if TYPE_CHECKING:
    from functions.shared.generations.model import Usage

PER = 1_000_000
"""Tokens that a price is for."""
OWN = "own"
"""Where a list price has its date: the deployment has named this one."""
_MODEL = re.compile(r"[^\s,=]{1,128}")
MOST = 10


@dataclass(frozen=True, slots=True)
class Price:
    """Micro-dollars for a million tokens of each kind, and when that was so."""

    input: int
    cached: int
    output: int
    as_of: str = OWN

    def of(self, usage: Usage) -> int:
        """What one call cost, rounded up to a whole micro-dollar.

        Cached tokens are among those of the prompt. Some servers leave reasoning out of the answer's tokens
        and tell it in the total alone; it is output all the same.
        """
        cached = min(usage.cached_tokens, usage.prompt_tokens)
        millionths = (
            (usage.prompt_tokens - cached) * self.input
            + cached * self.cached
            + output_tokens(usage) * self.output
        )
        return -(-millionths // PER)

    def at_most(self, *, input_tokens: int, output_tokens: int) -> int:
        """What a call can cost, with nothing cached."""
        return -(-(input_tokens * self.input + output_tokens * self.output) // PER)


def output_tokens(usage: Usage) -> int:
    """All that was paid for as output."""
    return max(usage.completion_tokens, usage.total_tokens - usage.prompt_tokens)


# https://developers.openai.com/api/docs/pricing
LIST_PRICES: Mapping[str, Price] = {
    "gpt-5": Price(1_250_000, 125_000, 10_000_000, "2026-06-20"),
    "gpt-5-mini": Price(250_000, 25_000, 2_000_000, "2026-06-20"),
    "gpt-5-nano": Price(50_000, 5_000, 400_000, "2026-06-20"),
}


class Prices(Rule[tuple[tuple[str, Price], ...]]):
    """Prices by model: `my-model=0.25/0.025/2`, in dollars for a million tokens."""

    allowed = (
        f'an object of up to {MOST} prices by model, such as {{"my-model": "0.25/0.025/2"}}: US dollars for '
        "a million tokens of input, of cached input and of output, each with at most six decimals; in a text "
        "`my-model=0.25/0.025/2`, separated by commas"
    )

    def parse(self, given: object) -> tuple[tuple[str, Price], ...]:
        if isinstance(given, tuple):
            return given  # Read before.
        pairs = _pairs(given)
        if len(dict(pairs)) < len(pairs) or len(pairs) > MOST:
            raise ValueError("a model stands twice, or there are too many")
        return tuple((model, _price(model, text)) for model, text in pairs)

    def text_of(self, value: tuple[tuple[str, Price], ...]) -> str:
        return ",".join(f"{model}={_text(price)}" for model, price in value)

    def in_json(self, value: tuple[tuple[str, Price], ...]) -> object:
        return {model: _text(price) for model, price in value}


def price_of(model: str, own: tuple[tuple[str, Price], ...]) -> Price | None:
    """Find a model's price: the deployment's own before the list's; None if there is neither."""
    return dict(own).get(model) or LIST_PRICES.get(model)


def _pairs(given: object) -> list[tuple[str, object]]:
    if isinstance(given, Mapping):
        return list(given.items())
    if not isinstance(given, str):
        raise ValueError("not an object")  # noqa: TRY004 - a wrong type and a wrong value are one mistake.
    parts = [part.strip().rpartition("=") for part in given.split(",")] if given.strip() else []
    return [(model, text) for model, _, text in parts]


def _price(model: str, text: object) -> Price:
    parts = text.split("/") if isinstance(text, str) else []
    if not _MODEL.fullmatch(model) or len(parts) != 3:
        raise ValueError(model)
    input_price, cached, output = map(micros_of, parts)
    return Price(input_price, cached, output)


def _text(price: Price) -> str:
    return "/".join(map(dollars_of, (price.input, price.cached, price.output)))
