"""The messages of the wire contract that more than one function sends."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from functions.shared.times import rfc3339

if TYPE_CHECKING:
    from datetime import datetime

    from functions.shared.errors import Refused


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
