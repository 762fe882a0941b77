"""How much one user may read: a bucket of read units in this environment's memory (docs/decisions/0026)."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from functions.generate.problems import TooManyThisMinute

UNIT = 4096
"""Bytes that DynamoDB reads for one read unit."""
CAPACITY = 2400
"""Read units that a user may take at once: ten answers of a million characters, or 2,400 short ones."""
PER_SECOND = 40
"""Read units that come back each second: a hundred tabs may ask every 2.5 seconds."""
MOST_USERS = 10_000
"""Users to remember; the one that has read nothing for longest is forgotten, and may read again."""


@dataclass(slots=True)
class ReadLimit:
    """What users have read lately. A read is allowed while any unit is left, and may take more than that."""

    _left: dict[str, tuple[float, datetime]] = field(default_factory=dict, repr=False)

    def admit(self, user_id: str, *, now: datetime) -> None:
        """Let a user read.

        Raises:
            TooManyThisMinute: If nothing is left.
        """
        left = self._now_left(user_id, now)
        if left <= 0:
            wait = max(1, math.ceil((1 - left) / PER_SECOND))
            raise TooManyThisMinute("Too much was read in a short time.", retry_after=wait)

    def charge(self, user_id: str, text: str = "", *, size: int = 0, now: datetime) -> None:
        """Take off what a read has cost: a unit, and more for a long text, or as many bytes as are said."""
        left = self._now_left(user_id, now) - 1 - (size + len(text.encode())) // UNIT
        self._left.pop(user_id, None)
        self._left[user_id] = (left, now)
        if len(self._left) > MOST_USERS:
            del self._left[next(iter(self._left))]

    def _now_left(self, user_id: str, now: datetime) -> float:
        left, since = self._left.get(user_id, (float(CAPACITY), now))
        return min(CAPACITY, left + max(now - since, timedelta()).total_seconds() * PER_SECOND)
