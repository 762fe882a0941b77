"""One answer, as an application holds it: its text, its status, its result, and its cancellation."""

from __future__ import annotations

import asyncio
import logging
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from framestream.errors import FrameStreamError, GenerationFailed
from framestream.parts import PartPiece
from framestream.progress import Piece, Progress, advance, catch_up

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from framestream.parts import Part
    from framestream.progress import Event, Json, PartEvent
    from framestream.retry import Retry

logger = logging.getLogger("framestream")

STORE_DELAY = 0.7
"""Seconds between fetches of missing text: the server stores text about once a second."""
POLL_INTERVAL = 2.5
"""Seconds between fetches without a socket, and until one fetch after a new socket brought nothing."""
FATAL_STATUSES = frozenset({401, 403, 404})
"""Statuses that end following; after every other failure, the fetch is retried."""


class GenerationHost(Protocol):
    """What a generation needs of its client."""

    @property
    def is_connected(self) -> bool: ...
    @property
    def retry(self) -> Retry: ...
    def check(self) -> None: ...
    def probe(self) -> None: ...
    async def read(self, generation_id: str, *, offset: int, attempt: int) -> Json: ...
    async def cancel(self, generation_id: str) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The outcome of an answer."""

    generation_id: str
    status: str
    """completed or cancelled; the text of a cancelled answer is incomplete."""
    text: str
    attempt: int
    model: str | None
    """The model that answered."""
    finish_reason: str | None
    usage: Json | None
    """prompt_tokens, completion_tokens and total_tokens, if the model's server reported them, and how many
    of them were `cached_tokens` and `reasoning_tokens`."""
    cost: int | None = None
    """In millionths of a dollar, if the price is known."""
    context: Json | None = None
    """What the model saw of the chat: `turns`, `summarised`, `dropped`."""
    parts: tuple[Part, ...] = ()
    """The text, and what came before, within and after it: reasoning, sources, data."""


class Generation:
    """An answer, under way or ended.

    Iterate over it for the pieces of its text, from the first one, as they arrive.
    """

    def __init__(self, generation_id: str, host: GenerationHost, *, stall_timeout: float) -> None:
        self.id = generation_id
        self.accepted: Json = {}
        """What the server said when it accepted the prompt: `message_id`, `parent_id`, `chat_version`, and
        `waits`, if it waits in the queue of its chat. Empty if it was accepted elsewhere."""
        self._host = host
        self._stall_timeout = stall_timeout
        self._progress = Progress()
        self._events: list[PartEvent] = []
        self._error: FrameStreamError | None = None
        self._changed = asyncio.Event()
        self._activity = asyncio.Event()
        self._clock = asyncio.get_running_loop().time
        self._last_activity = self._clock()
        self._check_by, self._not_before = math.inf, -math.inf
        self._failures = 0

    @property
    def status(self) -> str:
        """queued, started, processing, thinking, streaming, completed, failed or cancelled."""
        return "failed" if self._error else self._progress.status

    @property
    def progress(self) -> Progress:
        """All that is known of the answer."""
        return self._progress

    @property
    def text(self) -> str:
        """The whole text so far, of the present attempt."""
        return self._progress.answer.text

    @property
    def parts(self) -> tuple[Part, ...]:
        """The text so far, and what came before, within and after it: reasoning, sources, data."""
        return self._progress.parts.in_order(self.text)

    @property
    def attempt(self) -> int:
        """The number of the attempt. A new attempt starts the text again."""
        return self._progress.answer.attempt

    @property
    def has_ended(self) -> bool:
        return self._error is not None or self._progress.has_ended

    async def __aiter__(self) -> AsyncIterator[Piece]:
        """Yield the text, piece by piece; see `Piece` for one that starts again.

        Raises:
            FrameStreamError: At the end, if the answer failed.
        """
        async for event in self.events():
            if isinstance(event, Piece):
                yield event

    async def events(self) -> AsyncIterator[Event]:
        """Yield pieces of text and changes of status, from the first one.

        Raises:
            FrameStreamError: At the end, if the answer failed.
        """
        async for event in self.events_in_parts():
            if not isinstance(event, PartPiece):
                yield event

    async def events_in_parts(self) -> AsyncIterator[PartEvent]:
        """Yield the same events, and pieces of reasoning, sources and data.

        Raises:
            FrameStreamError: At the end, if the answer failed.
        """
        number = 0
        while (event := await self.event(number)) is not None:
            yield event
            number += 1

    async def event(self, number: int) -> PartEvent | None:
        """Wait for the event with this number, counted from 0. None: the answer ended before it.

        Raises:
            FrameStreamError: If the answer failed before it.
        """
        self._host.check()
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
            FrameStreamError: If the answer failed.
        """
        self._host.check()
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
            cost=data.get("cost"),
            context=data.get("context"),
            parts=self.parts,
        )

    async def cancel(self) -> None:
        """Cancel the answer. It ends as cancelled, unless it ends in another way first.

        Raises:
            FrameStreamError: If the server refused.
        """
        self._host.check()
        if not self.has_ended:
            await self._host.cancel(self.id)

    def on_message(self, message: Json) -> bool:
        """Apply a message of the socket. Returns whether it was new."""
        self._last_activity = self._clock()
        self._check_by = math.inf
        self._activity.set()
        return self._apply(*advance(self._progress, message))

    def fail(self, error: FrameStreamError) -> None:
        """Stop following, with this error."""
        if not self.has_ended:
            self._error = error
            self._notify()

    async def follow(self) -> None:
        """Fetch what the socket did not bring, until the end."""
        while not self.has_ended:
            if not await self._activity_in_time():
                if self._host.is_connected and not self._progress.is_incomplete:
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
        if self._progress.is_incomplete:
            return self._not_before
        quiet = self._stall_timeout if self._host.is_connected else min(POLL_INTERVAL, self._stall_timeout)
        return max(self._not_before, min(self._last_activity + quiet, self._check_by))

    async def _fetch(self) -> None:
        answer = self._progress.answer
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
        self._apply(*catch_up(self._progress, state))  # The progress may have changed since.

    def _on_fetch_failure(self, error: FrameStreamError) -> None:
        if error.status in FATAL_STATUSES:
            self.fail(error)
            return
        self._failures += 1
        pause = self._host.retry.pause(error, self._failures)
        logger.info("generation %s: %s Again in %.1f seconds.", self.id, error, pause)
        self._not_before = self._clock() + pause

    def _apply(self, progress: Progress, events: tuple[PartEvent, ...]) -> bool:
        self._progress = progress
        self._events += events
        if failure := progress.failure if progress.has_ended else None:
            self._error = GenerationFailed(failure.sentence, code=failure.code, retryable=failure.retryable)
        if events or progress.has_ended:
            self._notify()
        if progress.has_ended or progress.is_incomplete:
            self._activity.set()
        return bool(events)

    def _notify(self) -> None:
        self._activity.set()
        self._changed.set()
        self._changed = asyncio.Event()
