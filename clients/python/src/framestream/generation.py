"""One answer, as an application holds it: its text, its status, its end, and a way to stop it."""

from __future__ import annotations

import asyncio
import logging
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from framestream.errors import FrameStreamError, GenerationFailed
from framestream.progress import Piece, Progress, advance, catch_up

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from framestream.progress import Event, Json
    from framestream.retry import Retry

logger = logging.getLogger("framestream")

STORING = 0.7
"""Text that is missing may not be stored yet: the server stores about once a second."""
POLL_INTERVAL = 2.5
"""Without a socket, this often is asked how the answer stands; and once after a new one has told nothing."""
DEFINITIVE = frozenset({401, 403, 404})
"""Replies that end an answer here: whatever else is in the way of it may pass."""


class Home(Protocol):
    """What a generation needs of the client that it belongs to."""

    @property
    def is_connected(self) -> bool: ...
    @property
    def retry(self) -> Retry: ...
    def check(self) -> None: ...
    def suspect(self) -> None: ...
    async def read(self, generation_id: str, *, offset: int, attempt: int) -> Json: ...
    async def cancel(self, generation_id: str) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What became of an answer."""

    generation_id: str
    status: str
    """completed, or cancelled: then the text is what there was by then."""
    text: str
    attempt: int
    model: str | None
    finish_reason: str | None
    usage: Json | None
    """prompt_tokens, completion_tokens and total_tokens, if the model's server told them."""


class Generation:
    """An answer that is being written, or was.

    Iterate over it for the pieces of its text, from the first one, as they come.
    """

    def __init__(self, generation_id: str, home: Home, *, stall_timeout: float) -> None:
        self.id = generation_id
        self._home = home
        self._stall_timeout = stall_timeout
        self._progress = Progress()
        self._events: list[Event] = []
        self._error: FrameStreamError | None = None
        self._changed = asyncio.Event()
        self._heard = asyncio.Event()
        self._clock = asyncio.get_running_loop().time
        self._heard_at = self._clock()
        self._check_by, self._not_before = math.inf, -math.inf
        self._failures = 0

    @property
    def status(self) -> str:
        """queued, started, processing, thinking, streaming, completed, failed or cancelled."""
        return "failed" if self._error else self._progress.status

    @property
    def text(self) -> str:
        """The whole text so far, of the present attempt."""
        return self._progress.answer.text

    @property
    def attempt(self) -> int:
        """How often the model was asked. With a higher one the text starts again."""
        return self._progress.answer.attempt

    @property
    def has_ended(self) -> bool:
        return self._error is not None or self._progress.has_ended

    async def __aiter__(self) -> AsyncIterator[Piece]:
        """Yield the text, piece by piece; see `Piece` for one that starts again.

        Raises:
            FrameStreamError: At the end, if it failed.
        """
        async for event in self.events():
            if isinstance(event, Piece):
                yield event

    async def events(self) -> AsyncIterator[Event]:
        """Yield pieces of text and changes of status, from the first one.

        Raises:
            FrameStreamError: At the end, if it failed.
        """
        told = 0
        while (event := await self.event(told)) is not None:
            yield event
            told += 1

    async def event(self, number: int) -> Event | None:
        """Wait for one event, counted from 0. None: the answer ended before.

        Raises:
            FrameStreamError: If it failed before.
        """
        self._home.check()
        while number >= len(self._events) and not self.has_ended:
            await self._changed.wait()
        if number < len(self._events):
            return self._events[number]
        if self._error:
            raise self._error
        return None

    async def result(self) -> Result:
        """Wait for the end.

        Raises:
            FrameStreamError: If it failed.
        """
        self._home.check()
        while not self.has_ended:
            await self._changed.wait()
        if self._error:
            raise self._error
        data = self._progress.data or {}
        return Result(
            generation_id=self.id,
            status=self.status,
            text=self.text,
            attempt=self.attempt,
            model=data.get("model"),
            finish_reason=data.get("finish_reason"),
            usage=data.get("usage"),
        )

    async def cancel(self) -> None:
        """Ask the server to stop writing. It ends as cancelled, unless it ends in another way first.

        Raises:
            FrameStreamError: If the server did not take it.
        """
        self._home.check()
        if not self.has_ended:
            await self._home.cancel(self.id)

    def take(self, message: Json) -> bool:
        """Take in a message of the socket. Returns whether it brought something new."""
        self._heard_at = self._clock()
        self._check_by = math.inf
        self._heard.set()
        return self._turn(*advance(self._progress, message))

    def fail(self, error: FrameStreamError) -> None:
        """End it from this side: nobody follows it any more."""
        if not self.has_ended:
            self._error = error
            self._wake()

    async def follow(self) -> None:
        """Ask for what the socket did not bring, until the end."""
        while not self.has_ended:
            if not await self._hears_something():
                if self._home.is_connected and not self._progress.is_incomplete:
                    self._home.suspect()
                await self._fetch()

    def reconsider(self) -> None:
        """The connection has changed: what happened meanwhile may not be told any more."""
        self._check_by = self._clock() + POLL_INTERVAL
        if self._home.is_connected:
            self._failures, self._not_before = 0, -math.inf
        self._heard.set()

    async def _hears_something(self) -> bool:
        self._heard.clear()
        try:
            async with asyncio.timeout_at(self._due()):
                await self._heard.wait()
        except TimeoutError:
            return False
        return True

    def _due(self) -> float:
        """When to ask, if nothing is heard until then."""
        if self._progress.is_incomplete:
            return self._not_before
        quiet = self._stall_timeout if self._home.is_connected else min(POLL_INTERVAL, self._stall_timeout)
        return max(self._not_before, min(self._heard_at + quiet, self._check_by))

    async def _fetch(self) -> None:
        answer = self._progress.answer
        try:
            state = await self._home.read(self.id, offset=len(answer.text), attempt=answer.attempt)
        except FrameStreamError as error:
            self._stumble(error)
            return
        if self._failures and not self._home.is_connected:
            self._home.suspect()  # The network is back, so a socket may open, too.
        self._failures = 0
        self._heard_at = self._clock()
        self._check_by = math.inf
        self._not_before = self._heard_at + STORING
        self._turn(*catch_up(self._progress, state))  # It may have gone on meanwhile.

    def _stumble(self, error: FrameStreamError) -> None:
        if error.status in DEFINITIVE:
            self.fail(error)
            return
        self._failures += 1
        pause = self._home.retry.pause(error, self._failures)
        logger.info("generation %s: %s Again in %.1f seconds.", self.id, error, pause)
        self._not_before = self._clock() + pause

    def _turn(self, progress: Progress, news: tuple[Event, ...]) -> bool:
        self._progress = progress
        self._events += news
        if failure := progress.failure if progress.has_ended else None:
            self._error = GenerationFailed(failure.sentence, code=failure.code, retryable=failure.retryable)
        if news or progress.has_ended:
            self._wake()
        if progress.has_ended or progress.is_incomplete:
            self._heard.set()
        return bool(news)

    def _wake(self) -> None:
        self._heard.set()
        self._changed.set()
        self._changed = asyncio.Event()
