"""The messages of the wire contract that more than one function sends."""

from __future__ import annotations

import json
from enum import Enum
from typing import TYPE_CHECKING, Any

from functions.shared.times import rfc3339

if TYPE_CHECKING:
    from datetime import datetime

    from functions.shared.errors import Refused


class Closing(Enum):
    """Why the server closes a connection. API Gateway can only close with 1000, so this is told before."""

    EXPIRED = (4001, "The time of this connection is over. Open a new one.")
    REPLACED = (4429, "A newer connection took the place of this one.")
    TOO_MANY_MESSAGES = (4429, "Too many messages.")
    ENDED_BY_USER = (1000, "The connection was closed from another place.")

    def message(self, *, now: datetime) -> dict[str, Any]:
        """What is sent before the connection is closed."""
        code, sentence = self.value
        return system("closing", sentence, now=now, code=code)


def encode(message: dict[str, Any]) -> bytes:
    """Write a message as compact UTF-8 JSON."""
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()


def rejection(refused: Refused, *, now: datetime) -> dict[str, Any]:
    """The body of a refused handshake and the answer to a message that is not carried out."""
    return system("rejected", str(refused), now=now, code=refused.code)


def system(status: str, message: str, *, now: datetime, **fields: Any) -> dict[str, Any]:
    """What the server says about the connection itself."""
    return {"type": "system", "status": status, "message": message, **fields, "timestamp": rfc3339(now)}


def pong(*, now: datetime) -> dict[str, Any]:
    """The answer to a ping."""
    return {"type": "pong", "timestamp": rfc3339(now)}
