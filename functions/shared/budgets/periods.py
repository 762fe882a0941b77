"""The days and months that budgets are for, as keys, in UTC: nothing is reset, the next key begins at 0."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from enum import StrEnum


class Period(StrEnum):
    """What a limit is for: a day, a month, or all that is held at this moment."""

    DAY = "day"
    MONTH = "month"
    HELD = "held"


def day_of(moment: datetime) -> str:
    """Name the day, as in `2026-11-27`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d")


def month_of(moment: datetime) -> str:
    """Name the month, as in `2026-11`."""
    return moment.astimezone(UTC).strftime("%Y-%m")


def end_of(period: Period, *, now: datetime) -> datetime | None:
    """When the present day or month ends; None for what is held: that ends when an answer does."""
    if period is Period.HELD:
        return None
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    if period is Period.DAY:
        return midnight + timedelta(days=1)
    return (midnight.replace(day=1) + timedelta(days=32)).replace(day=1)


def seconds_until(end: datetime, *, now: datetime) -> int:
    """Whole seconds, at least one."""
    return max(1, math.ceil((end - now).total_seconds()))
