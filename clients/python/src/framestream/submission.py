"""Submits a prompt, with retries; cancels its answer if the caller stopped waiting before it was accepted."""

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
    """One prompt that is being submitted."""

    dispatcher: Dispatcher
    path: str
    request: Json
    key: str
    user: Callable[[], Awaitable[str]]
    """Returns the user id; by default from the token, which may have to be fetched first."""

    def __post_init__(self) -> None:
        """Check that the key can be sent as a header."""
        if not KEY.fullmatch(self.key):
            raise Misused("idempotency_key must be 1 to 255 visible ASCII characters.")

    async def accepted(self, *, timeout: float | None) -> Json:  # noqa: ASYNC109  the caller's own limit
        """Wait until the prompt is accepted. Returns what the server says of the generation.

        Raises:
            FrameStreamError: If the prompt was refused.
            TimeoutError: If it was not accepted in time.
        """
        work = self.dispatcher.retry.until_answered(self._attempt, "prompt")
        limit = asyncio.timeout(timeout)
        try:
            async with limit:
                return await self.dispatcher.until_closed(work)
        except TimeoutError as error:
            if not limit.expired():
                raise
            raise TimeoutError(f"The prompt was not accepted within {timeout:g} seconds.") from error

    async def _attempt(self) -> Json:
        """Send the prompt once. Cancelled in flight, it cancels the answer of a prompt that is accepted."""
        request = {"user_id": await self.user(), **self.request}
        sending = asyncio.create_task(self.dispatcher.api.submit(self.path, request, key=self.key))
        try:
            return await asyncio.shield(sending)
        except asyncio.CancelledError:
            self.dispatcher.start(self._cancel_accepted(sending), outlives_close=True)
            raise

    async def _cancel_accepted(self, sending: asyncio.Task[Json]) -> None:
        try:
            await self.dispatcher.api.cancel((await sending)["generation_id"])
        except FrameStreamError:
            return  # The prompt was refused, so there is nothing to cancel.
