"""Repeats a call whose failure may pass; only for calls that may be carried out twice without harm."""

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
"""Attempts in all, where the fault may be in the call itself."""


@dataclass(frozen=True, slots=True)
class Retry:
    """How calls are repeated."""

    backoff: Backoff = field(default_factory=Backoff)
    longest_retry_after: float = 60.0
    sleep: Callable[[float], Awaitable[None]] = field(default=asyncio.sleep)

    def pause(self, error: FrameStreamError, failures: int) -> float:
        """Seconds to wait after so many failures in a row, of which this is the last."""
        asked = min(error.retry_after or 0, self.longest_retry_after)
        return max(asked, self.backoff.pause(failures, random=random.random()))  # noqa: S311  jitter

    async def until_answered(self, call: Callable[[], Awaitable[T]], what: str) -> T:
        """Call until there is an answer, or a refusal that will not pass.

        Raises:
            FrameStreamError: That refusal.
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
