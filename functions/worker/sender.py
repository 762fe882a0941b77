"""Tells one connection what there is to tell, at the pace that it can take."""

from __future__ import annotations

import asyncio
import random
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TYPE_CHECKING

from functions.shared.connections.model import LONGEST_HANDSHAKE
from functions.shared.log import Log
from functions.worker.message_sequence import Cursor
from functions.worker.pacing import WIDEST
from functions.worker.ports import ConnectionGone, PostFailed, Throttled

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from functions.shared.connections.model import Connection
    from functions.worker.lease import Lease
    from functions.worker.message_sequence import MessageSequence, Outgoing
    from functions.worker.pacing import Pacing
    from functions.worker.ports import Posts

logger = Log(__name__)


class Post(Enum):
    """What became of one post."""

    DELIVERED = auto()
    NOT_YET = auto()
    """It is to be tried again; the pause before that is over."""
    CONNECTION_ENDED = auto()


@dataclass(slots=True, kw_only=True)
class Sender:
    """Tells one connection the sequence: one post in flight, the next no sooner than its interval."""

    connection: Connection
    sequence: MessageSequence
    posts: Posts
    lease: Lease
    pacing: Pacing
    ended: asyncio.Event
    clock: Callable[[], datetime]
    news: asyncio.Event = field(default_factory=asyncio.Event)
    text_frames: int = 0
    """How many frames with text were delivered."""
    _cursor: Cursor = field(default_factory=Cursor)
    _widened: float = 0
    """The seconds between frames that this connection can take, as far as refusals have told."""
    _first_text: float | None = None
    """When it had its first text, on the event loop's clock."""

    async def run(self) -> bool:
        """Send until all is told (True) or the connection has ended (False)."""
        while True:
            self.news.clear()
            following = self.sequence.after(self._cursor, now=self.clock())
            if following is None:
                if self.ended.is_set():
                    return True
                await self.news.wait()
                continue
            began = _now()
            post = await self._deliver(following)
            if post is Post.CONNECTION_ENDED:
                return False
            if post is Post.NOT_YET:
                continue
            self._cursor = following.then
            if following.is_text:
                self.text_frames += 1
                self._first_text = began if self._first_text is None else self._first_text
                await self._gather(self._interval() - (_now() - began))
                self._widened *= 0.8

    async def _deliver(self, following: Outgoing) -> Post:
        """Post once, and pause if that failed."""
        try:
            await self.lease.held()
            await self.posts.post(self.connection.connection_id, following.data)
        except ConnectionGone:
            if self.clock() - self.connection.connected_at > LONGEST_HANDSHAKE:
                return Post.CONNECTION_ENDED
            await self._back_off()
        except (Throttled, PostFailed) as error:
            if isinstance(error, Throttled):
                self.pacing.refused(self.connection.connection_id, now=_now())
            if not self._is_widened:  # the first in a row
                logger.warning("a post failed", reason=f"{type(error).__name__}: {error}")
            await self._back_off()
        else:
            return Post.DELIVERED
        return Post.NOT_YET

    async def _back_off(self) -> None:
        """Pause, and say it again afterwards, with all the text that has come by then."""
        self._widened = min(self._interval() * 2, WIDEST)
        await asyncio.sleep(self._widened * random.uniform(0.75, 1.25))  # noqa: S311  jitter

    @property
    def _is_widened(self) -> bool:
        return self._widened >= self._interval()

    def _interval(self) -> float:
        age = 0 if self._first_text is None else _now() - self._first_text
        return max(self.pacing.interval(age=age, now=_now()), self._widened)

    async def _gather(self, seconds: float) -> None:
        """Let text gather for the next frame, but do not keep the end waiting."""
        if seconds > 0:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self.ended.wait()


def _now() -> float:
    return asyncio.get_running_loop().time()
