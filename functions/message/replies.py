"""The messages that a client may send, and the reply to each. Only keep-alives: prompts go over HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from functions.shared.errors import Malformed
from functions.shared.strict_json import check_portable, read_object
from functions.shared.times import rfc3339
from functions.shared.wire import system
from functions.shared.wire.system import Closing

if TYPE_CHECKING:
    from datetime import datetime

    from functions.shared.wire.messages import Pong, SystemConnected, SystemMessage, SystemRateLimited

LONGEST_KEEP_ALIVE = 1024
"""A keep-alive is a few dozen characters; longer bodies are refused before they are parsed."""
REFUSALS_PER_MINUTE = 10


class KeepAlive(StrEnum):
    """The two messages that keep a connection open."""

    PING = "ping"
    HEARTBEAT = "heartbeat"


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageTally:
    """What the registry knows of a connection after counting a message of it."""

    connection_id: str
    expires_at: datetime
    is_first: bool
    messages_this_minute: int
    refusals_this_minute: int
    user_id: str = ""
    unheard_for: timedelta = timedelta()
    """Since the keep-alive before, or since it connected."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What to send, and whether to close the connection afterwards."""

    message: SystemMessage | Pong
    closes: bool = False
    reason: str | None = None
    """Why the message was refused, as a word for our logs; None if it was not."""


def keep_alive_from(body: str | None) -> KeepAlive | None:
    """Read a message as strictly as an HTTP body; None for everything that is not a keep-alive.

    Other fields are ignored.
    """
    if body is None or len(body) > LONGEST_KEEP_ALIVE:
        return None
    try:
        message = read_object(body.encode())
        check_portable(message)
    except ValueError:
        return None
    kind = message.get("type")
    return KeepAlive(kind) if kind in list(KeepAlive) else None


def reply_to(
    keep_alive: KeepAlive | None, tally: MessageTally, *, messages_per_minute: int, now: datetime
) -> Reply:
    """Answer a message. Nothing of what the client said is ever repeated."""
    if (
        tally.messages_this_minute > 2 * messages_per_minute
        or tally.refusals_this_minute > REFUSALS_PER_MINUTE
    ):
        return Reply(Closing.TOO_MANY_MESSAGES.message(now=now), closes=True, reason="too_many_messages")
    if tally.messages_this_minute > messages_per_minute:
        return Reply(_rate_limited(messages_per_minute, now), reason="rate_limited")
    if keep_alive is None:
        refused = Malformed("not_a_keep_alive")
        return Reply(system.rejection(refused, now=now), reason=refused.reason)
    if tally.is_first:
        return Reply(_connected(tally, now))
    if keep_alive is KeepAlive.PING:
        return Reply(system.pong(now=now))
    return Reply(system.alive(now=now))


def _rate_limited(messages_per_minute: int, now: datetime) -> SystemRateLimited:
    return {
        "type": "system",
        "status": "rate_limited",
        "message": f"At most {messages_per_minute} messages a minute.",
        "code": 4429,
        "timestamp": rfc3339(now),
    }


def _connected(tally: MessageTally, now: datetime) -> SystemConnected:
    return {
        "type": "system",
        "status": "connected",
        "message": "Connected.",
        "connection_id": tally.connection_id,
        "expires_at": rfc3339(tally.expires_at),
        "timestamp": rfc3339(now),
    }
