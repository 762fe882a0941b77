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
from functions.worker.cursor import Cursor
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


@dataclass(slots=True)
class Posted:
    """What became of one connection's posts, for the log."""

    delivered: int = 0
    size: int = 0
    """Bytes that were delivered."""
    refused: int = 0
    is_gone: bool = False
    """Whether the gateway said that the connection has ended."""

    @property
    def facts(self) -> dict[str, object]:
        """As a log line carries them."""
        return {"posts": self.delivered, "bytes": self.size, "refused": self.refused, "gone": self.is_gone}


@dataclass(slots=True, kw_only=True)
class Sender:
    """Tells one connection the sequence: one post in flight, and its interval between two, to half a tick."""

    connection: Connection
    sequence: MessageSequence
    posts: Posts
    lease: Lease
    pacing: Pacing
    text_begun: asyncio.Event
    """Set while this attempt has text, and at the end."""
    ended: asyncio.Event
    clock: Callable[[], datetime]
    news: asyncio.Event = field(default_factory=asyncio.Event)
    text_frames: int = 0
    """How many frames with text were delivered."""
    posted: Posted = field(default_factory=Posted)
    _cursor: Cursor = field(default_factory=Cursor)
    _widened: float = 0
    """The seconds between frames that this connection can take, as far as refusals have told."""
    _dense_since: float | None = None
    """When it had its first text or, before any, its first reasoning, on the event loop's clock."""

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
            self._note(following, began)
            if following.gathers:
                await self._gather(self._interval() - (_now() - began))
                self._widened *= 0.8

    def _note(self, delivered: Outgoing, began: float) -> None:
        is_first_text = delivered.is_text and not self.text_frames
        if is_first_text or (delivered.gathers and self._dense_since is None):
            self._dense_since = began
        self.text_frames += delivered.is_text

    async def _deliver(self, following: Outgoing) -> Post:
        """Post once, and pause if that failed."""
        try:
            await self.lease.held()
            await self.posts.post(self.connection.connection_id, following.data)
        except ConnectionGone:
            if self.clock() - self.connection.connected_at > LONGEST_HANDSHAKE:
                self.posted.is_gone = True
                return Post.CONNECTION_ENDED
            await self._back_off()
        except (Throttled, PostFailed) as error:
            self.posted.refused += 1
            if isinstance(error, Throttled):
                self.pacing.refused(self.connection.connection_id, now=_now())
            if not self._is_widened:  # the first in a row
                logger.warning("a post failed", reason=f"{type(error).__name__}: {error}")
            await self._back_off()
        else:
            self.posted.delivered += 1
            self.posted.size += len(following.data)
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
        age = 0 if self._dense_since is None else _now() - self._dense_since
        return max(self.pacing.interval(age=age, now=_now()), self._widened)

    async def _gather(self, seconds: float) -> None:
        """Let more gather for the next message, but keep neither the first text nor the end waiting."""
        if seconds > 0:
            with suppress(TimeoutError):
                async with asyncio.timeout_at(self.pacing.with_others(_now() + seconds)):
                    await (self.ended if self.text_frames else self.text_begun).wait()


def _now() -> float:
    return asyncio.get_running_loop().time()
