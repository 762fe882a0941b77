"""Everybody who listens: one sender for each of the user's connections, and an eye on who comes and goes."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from functions.shared.errors import Unavailable
from functions.shared.log import Log
from functions.shared.log_context import about
from functions.worker.lease import now
from functions.worker.sender import Sender

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from datetime import datetime, timedelta

    from functions.shared.connections.model import Connection
    from functions.worker.lease import Lease
    from functions.worker.message_sequence import MessageSequence
    from functions.worker.pacing import Pacing
    from functions.worker.ports import Posts

logger = Log(__name__)

REFRESH_SECONDS = 1.0  # seconds until the user's connections are read again


@dataclass(slots=True, kw_only=True)
class FanOut:
    """The senders of one generation."""

    sequence: MessageSequence
    posts: Posts
    lease: Lease
    connections: Callable[[], list[Connection]]
    forget: Callable[[str], object]
    pacing: Pacing
    clock: Callable[[], datetime] = now
    text_begun: asyncio.Event = field(default_factory=asyncio.Event)
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    _senders: dict[str, tuple[Sender, asyncio.Task[None]]] = field(default_factory=dict)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[FanOut]:
        """Follow who comes and goes for as long as the context lasts, and stop all senders at its end."""
        following = asyncio.create_task(self.follow())
        try:
            yield self
        finally:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)
            await self.close()

    async def follow(self) -> None:
        """Look for connections that came and went, again and again, until cancelled."""
        while True:
            try:
                await self.refresh()
            except Unavailable as error:
                logger.warning("connections could not be read", reason=error.reason)
            await asyncio.sleep(REFRESH_SECONDS)

    async def refresh(self) -> None:
        """See who is there now, and begin to tell those who are new.

        Raises:
            Unavailable: If that could not be read.
        """
        present = await asyncio.to_thread(self.connections)
        self._sync(present)

    @property
    def text_frames(self) -> int:
        """How many frames with text all connections together were sent."""
        return sum(sender.text_frames for sender, _ in self._senders.values())

    @property
    def readers(self) -> int:
        """How many connections were sent text."""
        return sum(sender.text_frames > 0 for sender, _ in self._senders.values())

    def notify(self) -> None:
        """Say that there is something new."""
        if len(self.sequence.answer) or self.ended.is_set():
            self.text_begun.set()
        else:
            self.text_begun.clear()
        for sender, _ in self._senders.values():
            sender.news.set()

    async def drain(self, patience: timedelta) -> None:
        """Let everybody hear the end, but wait no longer than this for those who cannot keep up."""
        self.ended.set()
        self.notify()
        tasks = [task for _, task in self._senders.values()]
        if tasks:
            await asyncio.wait(tasks, timeout=patience.total_seconds())

    async def close(self) -> None:
        """Stop all senders."""
        tasks = [task for _, task in self._senders.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _sync(self, present: list[Connection]) -> None:
        for connection in present:
            if connection.connection_id not in self._senders:
                sender = Sender(
                    connection=connection,
                    sequence=self.sequence,
                    posts=self.posts,
                    lease=self.lease,
                    pacing=self.pacing,
                    text_begun=self.text_begun,
                    ended=self.ended,
                    clock=self.clock,
                )
                self._senders[connection.connection_id] = sender, asyncio.create_task(self._serve(sender))
        here = {connection.connection_id for connection in present}
        for connection_id, (_, task) in self._senders.items():
            if connection_id not in here:
                task.cancel()

    async def _serve(self, sender: Sender) -> None:
        with about(connection_id=sender.connection.connection_id):
            try:
                if not await sender.run():
                    await asyncio.to_thread(self.forget, sender.connection.connection_id)
            except Unavailable as error:
                logger.warning("a closed connection could not be forgotten", reason=error.reason)
            finally:
                logger.info("served", **sender.posted.facts)
