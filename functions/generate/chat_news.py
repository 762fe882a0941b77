"""Tells changes of a chat to all sockets of its user, as far as they can be reached.

A socket that misses one finds a gap between versions, or asks when it opens: so nothing is repeated here.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
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
class ChatNews:
    """The sockets of all users."""

    connections: UserConnections
    sockets: Sockets

    def tell(
        self,
        event: ChatEventWord,
        *,
        user_id: str,
        chat_id: str,
        version: int,
        message_id: str = "",
        parent_id: str = "",
        generation_id: str = "",
        text: str | None = None,
        title: str | None = None,
        now: datetime,
    ) -> None:
        """Tell one change. What cannot be told is dropped."""
        message: ChatEvent = {
            "type": "chat_message",
            "user_id": user_id,
            "chat_id": chat_id,
            "version": version,
            "event": event,
            "message_id": message_id or None,
            "parent_id": parent_id or None,
            "generation_id": generation_id or None,
            "text": text if text is not None and len(encode({"text": text})) <= LARGEST_TEXT else None,
            "title": title,
            "timestamp": rfc3339(now),
        }
        data = encode(message)
        with contextlib.suppress(BotoCoreError, ClientError):
            for connection in self.connections.of_user(user_id, now=now):
                self.sockets.tell(connection.connection_id, data)
