"""For how long a generation is ours."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def now() -> datetime:
    """What this machine takes for the time."""
    return datetime.now(UTC)


@dataclass(slots=True)
class Lease:
    """A claim's time limit, as its holder knows it.

    A process that was frozen finds its lease over before DynamoDB tells it so, and stays silent until then.
    """

    until: datetime
    clock: Callable[[], datetime] = now

    def left(self) -> timedelta:
        """How long it still runs; negative once it is over."""
        return self.until - self.clock()

    @property
    def is_over(self) -> bool:
        """Whether somebody else may have claimed the generation by now."""
        return self.left() <= timedelta(0)

    async def held(self) -> None:
        """Wait until the lease is known to be ours: at once, unless it is over."""
        while self.is_over:  # noqa: ASYNC110  time ends it, no event does
            await asyncio.sleep(0.1)
