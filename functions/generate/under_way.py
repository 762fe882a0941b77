"""How many of a user's answers may be under way at once, and which of them have ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from functions.generate.problems import TooManyAtOnce

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from functions.generate.ports import Archive, Ends

UNRECORDED = timedelta(minutes=1)
"""A prompt is counted before it is recorded. One that is not after this long never will be."""
LOST = timedelta(minutes=2)
"""A generation without a heartbeat for this long has no worker any more."""
LATER = 5
"""Retry-After while too much is under way; when that ends cannot be known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AtOnce:
    """How much a user may have under way."""

    most: int
    ends: Ends

    def still(self, under_way: Mapping[str, datetime], *, now: datetime) -> Mapping[str, datetime]:
        """Forget what has ended; it is looked up only where the user would have too many.

        Raises:
            TooManyAtOnce: If as many have not ended.
        """
        if len(under_way) < self.most:
            return under_way
        left = {
            name: since
            for name, since in under_way.items()
            if not self.ends.has_ended(name, since=since, now=now)
        }
        if len(left) >= self.most:
            raise TooManyAtOnce(f"At most {self.most} at once.", retry_after=LATER)
        return left


@dataclass(frozen=True, slots=True)
class GenerationEnds:
    """Knows which generations have ended."""

    archive: Archive

    def has_ended(self, name: str, *, since: datetime, now: datetime) -> bool:
        """Say whether it has ended, or has no worker any more."""
        generation = self.archive.find(name, now=now)
        if generation is None:
            return since <= now - UNRECORDED
        if generation.status.is_final:
            return True
        if generation.waits:
            return False
        last_sign = max(generation.start_by, generation.lease_until or generation.start_by)
        return last_sign <= now - LOST
