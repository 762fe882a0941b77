"""Multiplies what was used by what it costs."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from tools.costs.prices import PRICES, Item, Price

if TYPE_CHECKING:
    from collections.abc import Mapping

Usage = dict[Item, float]
"""How many of each item."""


def together(*usages: Mapping[Item, float]) -> Usage:
    """Add what several events use."""
    total: Counter[Item] = Counter()
    for usage in usages:
        for item, quantity in usage.items():
            total[item] += quantity  # type: ignore[assignment]  # a Counter may hold fractions
    return dict(total)


def times(number: float, usage: Mapping[Item, float]) -> Usage:
    """Return what so many of an event use."""
    return {item: number * quantity for item, quantity in usage.items()}


def dollars(usage: Mapping[Item, float], prices: Mapping[Item, Price] = PRICES) -> float:
    """Return what it costs within one month, in US dollars."""
    return sum(prices[item].of(quantity) for item, quantity in usage.items())


def by_service(usage: Mapping[Item, float], prices: Mapping[Item, Price] = PRICES) -> dict[str, float]:
    """Return what it costs within one month, in US dollars, the dearest service first."""
    found: Counter[str] = Counter()
    for item, quantity in usage.items():
        found[prices[item].service] += prices[item].of(quantity)  # type: ignore[assignment]  # as above
    return dict(found.most_common())
