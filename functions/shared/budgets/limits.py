"""How much may be used: tokens and money, for a day, a month, and at once. No limit is not a limit of zero.

Settings, a token's claim and an operator's override for one user are all written alike: an object with some
of the names below. What a later one of the three says counts, name by name; `null` in it means no limit.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from functions.shared.budgets.money import MOST, dollars_of, micros_of
from functions.shared.setting_rules import NotAllowedError, Rule

BudgetLimits: TypeAlias = "Mapping[str, int | None]"
"""By name, in whole tokens, or micro-dollars where the name says `usd`. What is not there is not limited."""

WARNED_AT = 80
"""Percent of a limit at which its user is warned."""
NAMES = ("day_tokens", "day_usd", "month_tokens", "month_usd", "held_tokens", "held_usd")


def limits_from(given: object) -> BudgetLimits:
    """Read limits as they are written.

    Raises:
        ValueError: If they are not an object of these names with whole tokens and dollars; it names which.
    """
    if not isinstance(given, Mapping):
        raise ValueError("it must be an object")  # noqa: TRY004 - one mistake, whatever is wrong.
    for name in given:
        if name not in NAMES:
            raise ValueError(f"its names must be among {', '.join(NAMES)}")
    return {name: _limit(name, value) for name, value in given.items()}


def together(*limits: BudgetLimits) -> BudgetLimits:
    """What counts of several, the last one before all others."""
    return {name: value for each in limits for name, value in each.items()}


def is_limited(limits: BudgetLimits) -> bool:
    """Whether anything is limited."""
    return any(value is not None for value in limits.values())


def limits_money(limits: BudgetLimits) -> bool:
    """Whether money is limited, so that each model needs a price."""
    return any(value is not None for name, value in limits.items() if name.endswith("_usd"))


def is_near(committed: int, limit: int | None) -> bool:
    """Whether so much of a limit is used or held that its user is warned."""
    return limit is not None and committed * 100 >= limit * WARNED_AT


def written(limits: BudgetLimits) -> dict[str, int | str | None]:
    """Write limits as they are read: tokens as numbers, dollars as texts."""
    return {
        name: dollars_of(value) if value is not None and name.endswith("_usd") else value
        for name, value in limits.items()
    }


class BudgetRule(Rule[tuple[tuple[str, int], ...]]):
    """Limits of every user, or of the deployment; empty: none."""

    allowed = (
        "an object with some of day_tokens, day_usd, month_tokens, month_usd, held_tokens and held_usd, such "
        'as {"day_tokens": 200000, "month_usd": "5"}: whole tokens, or US dollars with up to six decimals; '
        "in a text `day_tokens=200000,month_usd=5`; empty: no limit"
    )

    def parse(self, given: object) -> tuple[tuple[str, int], ...]:
        if isinstance(given, tuple):
            return given  # Read before.
        try:
            limits = limits_from(_object_in(given) if isinstance(given, str) else given)
        except ValueError as error:
            raise NotAllowedError(str(error)) from error
        return tuple((name, value) for name, value in limits.items() if value is not None)

    def text_of(self, value: tuple[tuple[str, int], ...]) -> str:
        return ",".join(f"{name}={limit}" for name, limit in written(dict(value)).items())

    def in_json(self, value: tuple[tuple[str, int], ...]) -> object:
        return written(dict(value))


def _object_in(text: str) -> dict[str, object]:
    parts = [part.strip().partition("=") for part in text.split(",")] if text.strip() else []
    if len({name for name, _, _ in parts}) < len(parts):
        raise ValueError("each name must stand once")
    return {name: _number(name, value) for name, _, value in parts}


def _limit(name: str, value: object) -> int | None:
    if value is None:
        return None
    if name.endswith("_usd"):
        try:
            return micros_of(value)
        except ValueError:
            raise ValueError(f"{name} must be US dollars with at most six decimals") from None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MOST:
        raise ValueError(f"{name} must be a whole number of tokens, at least 0")
    return value


def _number(name: str, text: str) -> object:
    return int(text) if name.endswith("_tokens") and text.isascii() and text.isdigit() else text
