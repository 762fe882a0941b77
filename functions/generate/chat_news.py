"""Tells changes of a chat to all sockets of its user, as far as they can be reached.

A socket that misses one finds a gap between versions, or asks when it opens: so nothing is repeated here.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from functions.shared.times import rfc3339
from functions.shared.wire.encoding import encode

if TYPE_CHECKING:
    from datetime import datetime

    from functions.shared.connections.sockets import Sockets
    from functions.shared.connections.user_connections import UserConnections
    from functions.shared.wire.messages import ChatEvent, ChatEventWord

LARGEST_TEXT = 28_000
"""Bytes of a text in JSON; ids and field names take the rest of a frame of 32 KB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """One change of a chat: see `ChatEvent`."""

    event: ChatEventWord
    user_id: str
    chat_id: str
    version: int
    message_id: str = ""
    parent_id: str = ""
    generation_id: str = ""
    text: str | None = field(default=None, repr=False)
    title: str | None = field(default=None, repr=False)
    position: int | None = None

    def message(self, *, now: datetime) -> ChatEvent:
        """What sockets are told."""
        text = self.text
        return {
            "type": "chat_message",
            "user_id": self.user_id,
            "chat_id": self.chat_id,
            "version": self.version,
            "event": self.event,
            "message_id": self.message_id or None,
            "parent_id": self.parent_id or None,
            "generation_id": self.generation_id or None,
            "text": text if text is not None and len(encode({"text": text})) <= LARGEST_TEXT else None,
            "title": self.title,
            "position": self.position,
            "timestamp": rfc3339(now),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatNews:
    """The sockets of all users."""

    connections: UserConnections
    sockets: Sockets

    def tell(self, news: News, *, now: datetime) -> None:
        """Tell one change. What cannot be told is dropped."""
        data = encode(news.message(now=now))
        with contextlib.suppress(BotoCoreError, ClientError):
            for connection in self.connections.of_user(news.user_id, now=now):
                self.sockets.tell(connection.connection_id, data)
