"""Hands what the connection brings to the answers and listeners that it is for."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections import deque
from typing import TYPE_CHECKING, Any, TypeVar

from framestream.codes import FATAL
from framestream.connection import Phase
from framestream.errors import Disconnected, Misused, Refused
from framestream.generation import Generation

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from framestream.api import Api
    from framestream.progress import Json
    from framestream.reconnecting_socket import ReconnectingSocket
    from framestream.retry import Retry

T = TypeVar("T")
logger = logging.getLogger("framestream")

EARLY = 1000
"""Messages are kept of answers that are unknown while a prompt is on its way; more of them are fetched."""
GRACE = 2.0
"""Seconds that a closing client has for what it still must tell the server."""
ELSEWHERE = (
    "This client belongs to another event loop, which may be closed. Make one client for each loop, "
    "or use SyncFrameStreamClient, which has a loop of its own."
)
NO_ASYNCIO = (
    "There is no running asyncio event loop. FrameStreamClient works with asyncio alone; from other code, "
    "such as a trio program, call SyncFrameStreamClient in a thread."
)


class Dispatcher:
    """What a client follows, and who listens."""

    socket: ReconnectingSocket

    def __init__(self, api: Api, retry: Retry, *, stall_timeout: float, on_state: Callable[..., object]):
        self.api = api
        self.retry = retry
        self._refusal: Refused | None = None
        """Why there is no connection, if there will be none."""
        self.asking = 0
        """Prompts on their way."""
        self._stall_timeout = stall_timeout
        self._on_state = on_state
        self._generations: dict[str, Generation] = {}
        self._listeners: set[asyncio.Queue[Json | None]] = set()
        self._early: deque[Json] = deque(maxlen=EARLY)
        self._tasks: set[asyncio.Task[Any]] = set()
        self._last_words: set[asyncio.Task[Any]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._is_closed = False

    # The life of the client.

    @property
    def is_open(self) -> bool:
        return self._loop is not None and not self._is_closed

    def open(self) -> None:
        """Belong to the running loop, from now on."""
        loop = running_loop()
        if self._is_closed or self._loop:
            raise Misused("A client is opened once: make another one.")
        self._loop = loop

    def check(self) -> None:
        """See that calls come while the client is open, and in its own loop.

        Raises:
            Misused: If they come from somewhere else.
            Disconnected: If it is closed.
        """
        loop = running_loop()
        if self._is_closed:
            return
        if self._loop is None:
            raise Misused("The client is not open: use `async with FrameStreamClient(...) as client:`.")
        if loop is not self._loop:
            raise Misused(ELSEWHERE)

    def check_open(self) -> None:
        self.check()
        if self._is_closed:
            raise Disconnected("The client is closed.")

    def check_refusal(self) -> None:
        """See that the server lets this user in, now or later.

        Raises:
            Refused: If it does not.
        """
        if self._refusal and self._refusal.code in FATAL:
            raise self._refusal

    async def close(self) -> None:
        """Stop following; but let what must still be told to the server go out."""
        self._is_closed = True
        for generation in list(self._generations.values()):
            generation.fail(Disconnected("The client was closed."))
        await _ended(self._tasks)
        if self._last_words:
            await asyncio.wait(self._last_words, timeout=GRACE)
        await _ended(self._last_words)
        for queue in self._listeners:
            queue.put_nowait(None)

    def start(self, work: Coroutine[Any, Any, T], *, last_words: bool = False) -> asyncio.Task[T]:
        tasks = self._last_words if last_words else self._tasks
        task = asyncio.create_task(work)
        tasks.add(task)
        task.add_done_callback(tasks.discard)
        return task

    async def until_closed(self, work: Coroutine[Any, Any, T]) -> T:
        """Do this, but not longer than the client is open.

        Raises:
            Disconnected: If it was closed meanwhile.
        """
        task = self.start(work)
        try:
            return await task
        except asyncio.CancelledError as error:
            me = asyncio.current_task()
            if self._is_closed and me and not me.cancelling():
                raise Disconnected("The client was closed.") from error
            raise

    # What the client asks for.

    def want(self) -> None:
        self.check_open()
        self.socket.request()

    def follow(self, generation_id: str) -> Generation:
        if generation_id in self._generations:
            return self._generations[generation_id]
        generation = Generation(generation_id, self, stall_timeout=self._stall_timeout)
        self._generations[generation_id] = generation
        for message in self._early:
            if message.get("generation_id") == generation_id:
                generation.take(message)
        self.start(self._follow(generation))
        return generation

    def listen(self) -> asyncio.Queue[Json | None]:
        queue: asyncio.Queue[Json | None] = asyncio.Queue()
        self._listeners.add(queue)
        if self._is_closed:
            queue.put_nowait(None)
        return queue

    def ignore(self, queue: asyncio.Queue[Json | None]) -> None:
        self._listeners.discard(queue)

    def answered(self) -> None:
        """A prompt is not on its way any more."""
        self.asking -= 1
        if not self.asking:
            self._early.clear()

    async def _follow(self, generation: Generation) -> None:
        try:
            await generation.follow()
        finally:
            self._generations.pop(generation.id, None)

    # What the connection tells.

    @property
    def is_busy(self) -> bool:
        return bool(self.asking or self._generations)

    def on_message(self, message: Json) -> None:
        for queue in self._listeners:
            queue.put_nowait(message)
        generation = self._generations.get(str(message.get("generation_id")))
        if generation:
            if generation.take(message):
                self.socket.mark_stable()
        elif self.asking:
            self._early.append(message)

    def on_phase(self, phase: Phase) -> None:
        if phase is not Phase.CLOSED:
            self._refusal = None
        for generation in self._generations.values():
            generation.reconsider()
        self._tell(phase, None, "")

    def on_report(self, code: int | str, reason: str) -> None:
        if self.socket.phase is Phase.CLOSED:
            self._refusal = Refused(reason, code=code)
        self._tell(self.socket.phase, code, reason)

    def _tell(self, phase: Phase, code: int | str | None, reason: str) -> None:
        """A listener's own fault must not end the connection."""
        try:
            told = self._on_state(phase, code, reason)
        except Exception:
            logger.exception("on_state failed")
            return
        if inspect.iscoroutine(told):
            self.start(_logged(told))

    # What the answers ask for.

    @property
    def is_connected(self) -> bool:
        return self.socket.phase is Phase.OPEN

    def suspect(self) -> None:
        self.socket.probe()

    async def read(self, generation_id: str, *, offset: int, attempt: int) -> Json:
        return await self.api.read(generation_id, offset=offset, attempt=attempt)

    async def cancel(self, generation_id: str) -> None:
        work = self.retry.until_answered(lambda: self.api.cancel(generation_id), "cancelling")
        await self.until_closed(work)


def running_loop() -> asyncio.AbstractEventLoop:
    """The loop of asyncio that runs this.

    Raises:
        Misused: If there is none.
    """
    try:
        return asyncio.get_running_loop()
    except RuntimeError as error:
        raise Misused(NO_ASYNCIO) from error


async def _ended(tasks: set[asyncio.Task[Any]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _logged(told: Coroutine[Any, Any, object]) -> None:
    try:
        await told
    except Exception:
        logger.exception("on_state failed")
