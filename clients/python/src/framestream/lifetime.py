"""A client from its opening to its close: the event loop that it belongs to, and the tasks of its own."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeVar

from framestream.errors import Disconnected, Misused

if TYPE_CHECKING:
    from collections.abc import Coroutine

T = TypeVar("T")
CLOSE_TIMEOUT = 2.0
"""Seconds for which closing waits for cancellations in flight."""
OTHER_LOOP = (
    "This client belongs to another event loop, which may be closed. Make one client for each loop, "
    "or use SyncFrameStreamClient, which has a loop of its own."
)
NO_ASYNCIO = (
    "There is no running asyncio event loop. FrameStreamClient works with asyncio alone; from other code, "
    "such as a trio program, call SyncFrameStreamClient in a thread."
)


class Lifetime:
    """Opened once, in one event loop, and closed."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()
        self._final_tasks: set[asyncio.Task[Any]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._is_closed = False

    @property
    def is_open(self) -> bool:
        return self._loop is not None and not self._is_closed

    def open(self) -> None:
        """Bind the client to the running loop."""
        loop = running_loop()
        if self._is_closed or self._loop:
            raise Misused("A client is opened once: make another one.")
        self._loop = loop

    def check(self) -> None:
        """Check that the client was opened, in the loop that is running.

        Raises:
            Misused: If it was not opened, or in another loop.
        """
        loop = running_loop()
        if self._is_closed:
            return
        if self._loop is None:
            raise Misused("The client is not open: use `async with FrameStreamClient(...) as client:`.")
        if loop is not self._loop:
            raise Misused(OTHER_LOOP)

    def check_open(self) -> None:
        self.check()
        if self._is_closed:
            raise Disconnected("The client is closed.")

    def start(self, work: Coroutine[Any, Any, T], *, outlives_close: bool = False) -> asyncio.Task[T]:
        tasks = self._final_tasks if outlives_close else self._tasks
        task = asyncio.create_task(work)
        tasks.add(task)
        task.add_done_callback(tasks.discard)
        return task

    async def until_closed(self, work: Coroutine[Any, Any, T]) -> T:
        """Run this until it is done or the client is closed.

        Raises:
            Disconnected: If the client was closed first.
        """
        task = self.start(work)
        try:
            return await task
        except asyncio.CancelledError as error:
            this_task = asyncio.current_task()
            if self._is_closed and this_task and not this_task.cancelling():
                raise Disconnected("The client was closed.") from error
            raise

    async def end_tasks(self) -> None:
        """Cancel what runs, and wait for what outlives the close."""
        await _cancelled(self._tasks)
        if self._final_tasks:
            await asyncio.wait(self._final_tasks, timeout=CLOSE_TIMEOUT)
        await _cancelled(self._final_tasks)


def running_loop() -> asyncio.AbstractEventLoop:
    """The running asyncio loop.

    Raises:
        Misused: If there is none.
    """
    try:
        return asyncio.get_running_loop()
    except RuntimeError as error:
        raise Misused(NO_ASYNCIO) from error


async def _cancelled(tasks: set[asyncio.Task[Any]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
