"""Retries calls after transient failures; only for idempotent calls."""

from __future__ import annotations

import asyncio
import logging
import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from framestream.backoff import Backoff
from framestream.codes import Verdict
from framestream.errors import FrameStreamError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

T = TypeVar("T")
logger = logging.getLogger("framestream")
FEW = 5
"""The maximum of attempts where the call itself may be the cause of the failure."""


@dataclass(frozen=True, slots=True)
class Retry:
    """The retry policy."""

    backoff: Backoff = field(default_factory=Backoff)
    longest_retry_after: float = 60.0
    sleep: Callable[[float], Awaitable[None]] = field(default=asyncio.sleep)

    def pause(self, error: FrameStreamError, failures: int) -> float:
        """Seconds to wait after this many failures in a row, of which `error` is the last."""
        asked = min(error.retry_after or 0, self.longest_retry_after)
        return max(asked, self.backoff.pause(failures, random=random.random()))  # noqa: S311  jitter

    async def until_answered(self, call: Callable[[], Awaitable[T]], what: str) -> T:
        """Retry a call until it succeeds, or fails for good.

        Raises:
            FrameStreamError: The failure that is not retried.
        """
        failures = few = 0
        while True:
            try:
                return await call()
            except FrameStreamError as error:
                failures += 1
                few += error.verdict is Verdict.A_FEW_TIMES
                if error.verdict is Verdict.NEVER or few >= FEW:
                    raise
                pause = self.pause(error, failures)
                logger.info("%s: %s Again in %.1f seconds.", what, error, pause)
            await self.sleep(pause)
