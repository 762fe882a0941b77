"""Everybody who listens: one sender for each of the user's connections, and an eye on who comes and goes."""

from __future__ import annotations

import asyncio
import random
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from functions.shared.errors import Unavailable
from functions.shared.log import Log
from functions.worker.message_sequence import Cursor
from functions.worker.ports import ConnectionGone, PostFailed, Throttled

if TYPE_CHECKING:
    from collections.abc import Callable

    from functions.shared.connections.model import Connection
    from functions.worker.lease import Lease
    from functions.worker.message_sequence import MessageSequence, Outgoing
    from functions.worker.ports import Posts

logger = Log(__name__)

REFRESH_SECONDS = 1.0  # seconds until the user's connections are read again
WIDEST_INTERVAL = 2.0  # seconds between the frames of a connection that cannot take more
# API Gateway answers "gone" for a connection whose handshake has not ended, and a handshake may take 29 s.
LONGEST_HANDSHAKE = timedelta(seconds=30)


@dataclass(slots=True, kw_only=True)
class Sender:
    """Tells one connection the sequence: one post in flight, the next no sooner than its interval."""

    connection: Connection
    sequence: MessageSequence
    posts: Posts
    lease: Lease
    narrowest: float
    ended: asyncio.Event
    news: asyncio.Event = field(default_factory=asyncio.Event)
    _cursor: Cursor = field(default_factory=Cursor)
    _interval: float = 0

    def __post_init__(self) -> None:
        self._interval = self.narrowest

    async def run(self) -> bool:
        """Send until all is told (True) or the connection has ended (False)."""
        while True:
            self.news.clear()
            following = self.sequence.after(self._cursor, now=datetime.now(UTC))
            if following is None:
                if self.ended.is_set():
                    return True
                await self.news.wait()
                continue
            began = time.monotonic()
            delivered = await self._deliver(following)
            if delivered is None:
                return False
            if delivered:
                self._cursor = following.then
            if delivered and following.is_text:
                await self._gather(self._interval - (time.monotonic() - began))
                self._interval = max(self._interval * 0.8, self.narrowest)

    async def _deliver(self, following: Outgoing) -> bool | None:
        """Post once. False: try again, after the pause that this has taken. None: nobody is there."""
        try:
            await self.lease.held()
            await self.posts.post(self.connection.connection_id, following.data)
        except ConnectionGone:
            if datetime.now(UTC) - self.connection.connected_at > LONGEST_HANDSHAKE:
                return None
            await self._back_off()
        except (Throttled, PostFailed) as error:
            if self._interval <= self.narrowest:  # the first in a row
                logger.warning("a post failed", reason=f"{type(error).__name__}: {error}")
            await self._back_off()
        else:
            return True
        return False

    async def _back_off(self) -> None:
        """Pause, and say it again afterwards, with all the text that has come by then."""
        self._interval = min(self._interval * 2, WIDEST_INTERVAL)
        await asyncio.sleep(self._interval * random.uniform(0.75, 1.25))  # noqa: S311  jitter

    async def _gather(self, seconds: float) -> None:
        """Let text gather for the next frame, but do not keep the end waiting."""
        if seconds > 0:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self.ended.wait()


@dataclass(slots=True, kw_only=True)
class FanOut:
    """The senders of one generation."""

    sequence: MessageSequence
    posts: Posts
    lease: Lease
    connections: Callable[[], list[Connection]]
    forget: Callable[[str], object]
    interval: timedelta
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    _senders: dict[str, tuple[Sender, asyncio.Task[None]]] = field(default_factory=dict)

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

    def notify(self) -> None:
        """Say that there is something new."""
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
                    narrowest=self.interval.total_seconds(),
                    ended=self.ended,
                )
                self._senders[connection.connection_id] = sender, asyncio.create_task(self._serve(sender))
        here = {connection.connection_id for connection in present}
        for connection_id, (_, task) in self._senders.items():
            if connection_id not in here:
                task.cancel()

    async def _serve(self, sender: Sender) -> None:
        try:
            if not await sender.run():
                await asyncio.to_thread(self.forget, sender.connection.connection_id)
        except Unavailable as error:
            logger.warning("a closed connection could not be forgotten", reason=error.reason)
