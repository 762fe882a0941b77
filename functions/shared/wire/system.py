"""Messages about the connection itself, which several functions send."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from functions.shared.times import rfc3339

if TYPE_CHECKING:
    from datetime import datetime

    from functions.shared.errors import Refused
    from functions.shared.wire.messages import Pong, SystemAlive, SystemClosing, SystemRejected


class Closing(Enum):
    """Why the server closes a connection. API Gateway can only close with 1000, so this is told before."""

    EXPIRED = (4001, "The time of this connection is over. Open a new one.")
    REPLACED = (4429, "A newer connection took the place of this one.")
    TOO_MANY_MESSAGES = (4429, "Too many messages.")
    ENDED_BY_USER = (1000, "The connection was closed from another place.")

    def message(self, *, now: datetime) -> SystemClosing:
        """What is sent before the connection is closed."""
        code, sentence = self.value
        return {
            "type": "system",
            "status": "closing",
            "message": sentence,
            "code": code,
            "timestamp": rfc3339(now),
        }


def rejection(refused: Refused, *, now: datetime) -> SystemRejected:
    """The body of a refused handshake and the answer to a message that is not carried out."""
    return {
        "type": "system",
        "status": "rejected",
        "message": refused.detail,
        "code": refused.code,
        "timestamp": rfc3339(now),
    }


def alive(*, now: datetime) -> SystemAlive:
    """The answer to a heartbeat."""
    return {
        "type": "system",
        "status": "alive",
        "message": "The connection is alive.",
        "timestamp": rfc3339(now),
    }


def pong(*, now: datetime) -> Pong:
    """The answer to a ping."""
    return {"type": "pong", "timestamp": rfc3339(now)}
