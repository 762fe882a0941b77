"""Money as whole micro-dollars, and how it is written as dollars. There are no floats on the way."""

from __future__ import annotations

import re

MICROS = 1_000_000
"""In a dollar."""
MOST = 10**15
"""The highest limit, of tokens too. DynamoDB counts far beyond."""
_DOLLARS = re.compile(r"[0-9]{1,9}(\.[0-9]{1,6})?")


def micros_of(dollars: object) -> int:
    """Read dollars, written as a number or a text with at most six places.

    Raises:
        ValueError: If they are not so written, or too many.
    """
    if isinstance(dollars, bool) or not isinstance(dollars, int | float | str):
        raise ValueError("no dollars")  # noqa: TRY004 - a wrong type and a wrong value are one mistake here.
    text = f"{dollars:.6f}" if isinstance(dollars, float) else str(dollars)
    if not _DOLLARS.fullmatch(text) or (isinstance(dollars, float) and float(text) != dollars):
        raise ValueError("no dollars")
    whole, _, places = text.partition(".")
    return int(whole) * MICROS + int(places.ljust(6, "0"))


def dollars_of(micros: int) -> str:
    """Write dollars, without needless zeros."""
    text = f"{micros // MICROS}.{micros % MICROS:06d}".rstrip("0")
    return text.removesuffix(".")
