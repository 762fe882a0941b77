"""For how long a generation is ours, and what is tried for that long."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from functions.shared.errors import FramestreamError, Unavailable
from functions.shared.log import Log

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

logger = Log(__name__)

T = TypeVar("T")
PAUSE = 1.0  # seconds between two tries
AFTER_THE_LEASE = timedelta(seconds=1)
"""How long after a lease its message comes back."""


def now() -> datetime:
    """What this machine takes for the time."""
    return datetime.now(UTC)


class LeaseLost(FramestreamError):
    """The lease ran out while the table did not answer: another worker may hold the generation now."""


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
        """Whether another worker may have claimed the generation by now."""
        return self.left() <= timedelta(0)

    async def held(self) -> None:
        """Wait until the lease is known to be ours: at once, unless it is over."""
        while self.is_over:  # noqa: ASYNC110  time ends it, no event does
            await asyncio.sleep(0.1)

    async def retrying(self, call: Callable[[], Awaitable[T]], *, warning: str) -> T:
        """Make a call, again and again through an outage, for as long as the lease is ours.

        Args:
            call: What to do. It must be safe to repeat.
            warning: What to log of each failure.

        Raises:
            LeaseLost: If it did not succeed in that time.
        """
        while True:
            try:
                return await call()
            except Unavailable as error:
                logger.warning(warning, reason=error.reason)
                if self.is_over:
                    raise LeaseLost(warning) from error
            await asyncio.sleep(PAUSE)
