"""Tracks one generation: applies its messages, and fetches from the server what the socket does not bring."""

from __future__ import annotations

import asyncio
import logging
import math
from typing import TYPE_CHECKING, Protocol

from framestream.errors import FrameStreamError, GenerationFailed
from framestream.progress import Progress, advance, catch_up

if TYPE_CHECKING:
    from framestream.progress import Json, PartEvent
    from framestream.retry import Retry

logger = logging.getLogger("framestream")

STORE_DELAY = 0.7
"""Seconds between fetches of missing text: the server stores text about once a second."""
POLL_INTERVAL = 2.5
"""Seconds between fetches without a socket, and until one fetch after a new socket brought nothing."""
FATAL_STATUSES = frozenset({401, 403, 404})
"""Statuses that end following; after every other failure, the fetch is retried."""


class TrackerHost(Protocol):
    """What a tracker needs of its client."""

    @property
    def is_connected(self) -> bool: ...
    @property
    def retry(self) -> Retry: ...
    def check(self) -> None: ...
    def probe(self) -> None: ...
    async def read(self, generation_id: str, *, offset: int, attempt: int) -> Json: ...
    async def cancel(self, generation_id: str) -> None: ...


class GenerationTracker:
    """What is known of an answer, and when to ask for more."""

    def __init__(self, generation_id: str, host: TrackerHost, *, stall_timeout: float) -> None:
        self.id = generation_id
        self.progress = Progress()
        self.error: FrameStreamError | None = None
        """Why the answer failed, or is not followed any more."""
        self._host = host
        self._stall_timeout = stall_timeout
        self._events: list[PartEvent] = []
        self._changed = asyncio.Event()
        self._activity = asyncio.Event()
        self._clock = asyncio.get_running_loop().time
        self._last_activity = self._clock()
        self._check_by, self._not_before = math.inf, -math.inf
        self._failures = 0

    @property
    def has_ended(self) -> bool:
        return self.error is not None or self.progress.has_ended

    async def event(self, number: int) -> PartEvent | None:
        """Wait for the event with this number, counted from 0. None: the answer ended before it.

        Raises:
            FrameStreamError: If the answer failed before it.
        """
        while number >= len(self._events) and not self.has_ended:
            await self._changed.wait()
        if number < len(self._events):
            return self._events[number]
        if self.error:
            raise self.error
        return None

    async def end(self) -> Progress:
        """Wait for the end.

        Raises:
            FrameStreamError: If the answer failed.
        """
        while not self.has_ended:
            await self._changed.wait()
        if self.error:
            raise self.error
        return self.progress

    def on_message(self, message: Json) -> bool:
        """Apply a message of the socket. Returns whether it was new."""
        self._last_activity = self._clock()
        self._check_by = math.inf
        self._activity.set()
        return self._apply(*advance(self.progress, message))

    def fail(self, error: FrameStreamError) -> None:
        """Stop following, with this error."""
        if not self.has_ended:
            self.error = error
            self._notify()

    async def follow(self) -> None:
        """Fetch what the socket did not bring, until the end."""
        while not self.has_ended:
            if not await self._activity_in_time():
                if self._host.is_connected and not self.progress.is_incomplete:
                    self._host.probe()
                await self._fetch()

    def on_connection_change(self) -> None:
        """Schedule a fetch: messages may have been missed while the connection changed."""
        self._check_by = self._clock() + POLL_INTERVAL
        if self._host.is_connected:
            self._failures, self._not_before = 0, -math.inf
        self._activity.set()

    async def _activity_in_time(self) -> bool:
        self._activity.clear()
        try:
            async with asyncio.timeout_at(self._due()):
                await self._activity.wait()
        except TimeoutError:
            return False
        return True

    def _due(self) -> float:
        """The time of the next fetch, unless there is activity before."""
        if self.progress.is_incomplete:
            return self._not_before
        quiet = self._stall_timeout if self._host.is_connected else min(POLL_INTERVAL, self._stall_timeout)
        return max(self._not_before, min(self._last_activity + quiet, self._check_by))

    async def _fetch(self) -> None:
        answer = self.progress.answer
        try:
            state = await self._host.read(self.id, offset=len(answer.text), attempt=answer.attempt)
        except FrameStreamError as error:
            self._on_fetch_failure(error)
            return
        if self._failures and not self._host.is_connected:
            self._host.probe()  # The network is back, so a socket may open too.
        self._failures = 0
        self._last_activity = self._clock()
        self._check_by = math.inf
        self._not_before = self._last_activity + STORE_DELAY
        self._apply(*catch_up(self.progress, state))  # The progress may have changed since.

    def _on_fetch_failure(self, error: FrameStreamError) -> None:
        if error.status in FATAL_STATUSES:
            self.fail(error)
            return
        self._failures += 1
        pause = self._host.retry.pause(error, self._failures)
        logger.info("generation %s: %s Again in %.1f seconds.", self.id, error, pause)
        self._not_before = self._clock() + pause

    def _apply(self, progress: Progress, events: tuple[PartEvent, ...]) -> bool:
        self.progress = progress
        self._events += events
        if failure := progress.failure if progress.has_ended else None:
            self.error = GenerationFailed(failure.sentence, code=failure.code, retryable=failure.retryable)
        if events or progress.has_ended:
            self._notify()
        if progress.has_ended or progress.is_incomplete:
            self._activity.set()
        return bool(events)

    def _notify(self) -> None:
        self._activity.set()
        self._changed.set()
        self._changed = asyncio.Event()
