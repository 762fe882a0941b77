"""One socket: speaks first, because the server may not, and breaks every silence with a sign of life."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Origin

from framestream.connection import Reconnect

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from framestream.progress import Json

LARGEST = 2**20
HEARTBEAT, PING = '{"type":"heartbeat"}', '{"type":"ping"}'


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """How sockets are opened and kept; times are in seconds."""

    origin: str | None = None
    heartbeat: float = 55.0
    """A silence of this long is broken by a sign of life."""
    patience: float = 10.0
    """How long the server may take to answer one, or a handshake."""
    trust_env: bool = True
    """Whether the environment names the proxy to use."""
    reconnect: Reconnect = field(default_factory=Reconnect)


async def conversation(url: str, habits: Habits) -> AsyncGenerator[Json]:
    """Open a socket and yield what the server says, from its welcome on.

    Raises:
        OSError: If it cannot be reached, or falls silent (TimeoutError).
        WebSocketException: If it refuses, or when it closes.
    """
    async with connect(
        url,
        origin=Origin(habits.origin) if habits.origin else None,
        open_timeout=habits.patience,
        close_timeout=1,
        ping_interval=None,
        max_size=LARGEST,
        proxy=True if habits.trust_env else None,
    ) as socket:
        await socket.send(HEARTBEAT)
        async with asyncio.timeout(habits.patience):
            data = await socket.recv()
        while True:
            if message := message_from(data):
                yield message
            data = await _next(socket, habits)


async def _next(socket: ClientConnection, habits: Habits) -> str | bytes:
    with suppress(TimeoutError):
        async with asyncio.timeout(habits.heartbeat):
            return await socket.recv()
    await socket.send(PING)
    async with asyncio.timeout(habits.patience):
        return await socket.recv()


def message_from(data: str | bytes) -> Json | None:
    """Read a message; None for what is not one, such as what API Gateway itself says on faults."""
    try:
        message = json.loads(data)
    except ValueError:
        return None
    return message if isinstance(message, dict) and isinstance(message.get("type"), str) else None
