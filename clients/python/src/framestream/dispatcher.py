"""Dispatches messages and state changes of the connection to generations and listeners."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections import deque
from typing import TYPE_CHECKING, Any

from framestream.codes import FATAL
from framestream.connection import Phase
from framestream.errors import Disconnected, Refused
from framestream.generation import Generation
from framestream.generation_tracker import GenerationTracker
from framestream.lifetime import Lifetime

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from framestream.api import Api
    from framestream.chat_sync import ChatSync
    from framestream.progress import Json
    from framestream.reconnecting_socket import ReconnectingSocket
    from framestream.retry import Retry

logger = logging.getLogger("framestream")

MAX_EARLY_MESSAGES = 1000
"""Messages kept of unknown answers while a prompt is being submitted; text beyond them is fetched."""


class Dispatcher(Lifetime):
    """The generations that a client follows, and the listeners to its messages."""

    socket: ReconnectingSocket

    def __init__(self, api: Api, retry: Retry, *, stall_timeout: float, on_state: Callable[..., object]):
        super().__init__()
        self.api = api
        self.retry = retry
        self._refusal: Refused | None = None
        """Why the connection ended for good, if it did."""
        self.submissions = 0
        """The number of prompts that are being submitted."""
        self._stall_timeout = stall_timeout
        self._on_state = on_state
        self._generations: dict[str, Generation] = {}
        self._trackers: dict[str, GenerationTracker] = {}
        self.chats: set[ChatSync] = set()
        """The chats that are kept up to date."""
        self._listeners: set[asyncio.Queue[Json | None]] = set()
        self._early: deque[Json] = deque(maxlen=MAX_EARLY_MESSAGES)
        self._awaiting_socket = 0
        """The number of chats that are read once the socket is open."""

    # The client's life cycle.

    def check_refusal(self) -> None:
        """Check that the connection was not refused for good.

        Raises:
            Refused: If it was.
        """
        if self._refusal and self._refusal.code in FATAL:
            raise self._refusal

    async def close(self) -> None:
        """Stop following, and wait for cancellations in flight."""
        self._is_closed = True
        for tracker in list(self._trackers.values()):
            tracker.fail(Disconnected("The client was closed."))
        await self.end_tasks()
        for queue in self._listeners:
            queue.put_nowait(None)

    # Calls of the client.

    def request_socket(self) -> None:
        self.check_open()
        self.socket.request()

    async def socket_soon(self) -> None:
        """Wait for the socket if it is worth it, with the short pauses of a connection that is awaited."""
        if self.is_connected or self.socket.phase is Phase.CLOSED:
            return
        self._awaiting_socket += 1
        try:
            self.socket.request()
            await self.socket.readiness.wait()
        finally:
            self._awaiting_socket -= 1

    def follow(self, generation_id: str) -> Generation:
        if generation_id in self._generations:
            return self._generations[generation_id]
        tracker = GenerationTracker(generation_id, self, stall_timeout=self._stall_timeout)
        generation = Generation(tracker, self)
        self._trackers[generation_id], self._generations[generation_id] = tracker, generation
        for message in self._early:
            if message.get("generation_id") == generation_id:
                tracker.on_message(message)
        self.start(self._follow(tracker))
        return generation

    def add_listener(self) -> asyncio.Queue[Json | None]:
        queue: asyncio.Queue[Json | None] = asyncio.Queue()
        self._listeners.add(queue)
        if self._is_closed:
            queue.put_nowait(None)
        return queue

    def remove_listener(self, queue: asyncio.Queue[Json | None]) -> None:
        self._listeners.discard(queue)

    def submission_done(self) -> None:
        """End a submission; with the last one, the kept messages are dropped."""
        self.submissions -= 1
        if not self.submissions:
            self._early.clear()

    async def _follow(self, tracker: GenerationTracker) -> None:
        try:
            await tracker.follow()
        finally:
            self._trackers.pop(tracker.id, None)
            self._generations.pop(tracker.id, None)

    # Callbacks of the connection.

    @property
    def is_busy(self) -> bool:
        return bool(self.submissions or self._generations or self._awaiting_socket)

    def on_message(self, message: Json) -> None:
        for queue in self._listeners:
            queue.put_nowait(message)
        tracker = self._trackers.get(str(message.get("generation_id")))
        if tracker:
            if tracker.on_message(message):
                self.socket.mark_stable()
        elif self.submissions:
            self._early.append(message)
        for chat in list(self.chats):
            if chat.chat_id == message.get("chat_id"):
                chat.on_message(message)  # After the generation, whose end it may tell.

    def on_phase(self, phase: Phase) -> None:
        if phase is not Phase.CLOSED:
            self._refusal = None
        for tracker in self._trackers.values():
            tracker.on_connection_change()
        for chat in self.chats if phase is Phase.OPEN else ():
            chat.on_new_socket()
        self._notify(phase, None, "")

    def on_report(self, code: int | str, reason: str) -> None:
        if self.socket.phase is Phase.CLOSED:
            self._refusal = Refused(reason, code=code)
        self._notify(self.socket.phase, code, reason)

    def _notify(self, phase: Phase, code: int | str | None, reason: str) -> None:
        """Call on_state. An exception in it must not end the connection."""
        try:
            result = self._on_state(phase, code, reason)
        except Exception:
            logger.exception("on_state failed")
            return
        if inspect.iscoroutine(result):
            self.start(_logged(result))

    # What generations and their trackers need (`TrackerHost`).

    @property
    def is_connected(self) -> bool:
        return self.socket.phase is Phase.OPEN

    def probe(self) -> None:
        self.socket.probe()

    async def read(self, generation_id: str, *, offset: int, attempt: int) -> Json:
        return await self.api.read(generation_id, offset=offset, attempt=attempt)

    async def cancel(self, generation_id: str) -> None:
        work = self.retry.until_answered(lambda: self.api.cancel(generation_id), "cancelling")
        await self.until_closed(work)


async def _logged(callback: Coroutine[Any, Any, object]) -> None:
    try:
        await callback
    except Exception:
        logger.exception("on_state failed")
