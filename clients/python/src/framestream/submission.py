"""Hands in a prompt, for as long as it takes; and takes it back if nobody waits for it any more."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from framestream.errors import FrameStreamError, Misused

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from framestream.dispatcher import Dispatcher
    from framestream.progress import Json

KEY = re.compile(r"[!-~]{1,255}")


@dataclass(frozen=True, slots=True)
class Submission:
    """One prompt on its way."""

    dispatcher: Dispatcher
    request: Json
    key: str
    user: Callable[[], Awaitable[str]]
    """Whose prompt it is: the token says it, which may have to be fetched first."""

    def __post_init__(self) -> None:
        """See that the key can be sent."""
        if not KEY.fullmatch(self.key):
            raise Misused("idempotency_key must be 1 to 255 visible ASCII characters.")

    async def accepted(self, *, timeout: float | None) -> str:  # noqa: ASYNC109  the caller's own limit
        """Wait until it is accepted. Returns the generation's id.

        Raises:
            FrameStreamError: If it was refused.
            TimeoutError: If it took longer than this.
        """
        work = self.dispatcher.retry.until_answered(self._once, "prompt")
        limit = asyncio.timeout(timeout)
        try:
            async with limit:
                return await self.dispatcher.until_closed(work)
        except TimeoutError as error:
            if not limit.expired():
                raise
            raise TimeoutError(f"The prompt was not accepted within {timeout:g} seconds.") from error

    async def _once(self) -> str:
        """One attempt. If it is given up while it is under way, what becomes of it is cancelled."""
        request = {"user_id": await self.user(), **self.request}
        sending = asyncio.create_task(self.dispatcher.api.submit(request, key=self.key))
        try:
            return await asyncio.shield(sending)
        except asyncio.CancelledError:
            self.dispatcher.start(self._take_back(sending), last_words=True)
            raise

    async def _take_back(self, sending: asyncio.Task[str]) -> None:
        try:
            await self.dispatcher.api.cancel(await sending)
        except FrameStreamError:
            return  # It was not accepted, so there is nothing to cancel.
