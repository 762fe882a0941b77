"""One socket: speaks first, because the server may not, and breaks every silence with a sign of life."""

from __future__ import annotations

import asyncio
import json
import logging
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
QUIET = logging.getLogger("framestream.websockets")
QUIET.setLevel(logging.INFO)  # Its debug lines would have tickets in them.
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


class Silence:
    """The wait for the next message. Ended early, the server is asked for a sign of life."""

    def __init__(self) -> None:
        self._wait: asyncio.Timeout | None = None

    def end(self) -> None:
        if self._wait and not self._wait.expired():
            self._wait.reschedule(asyncio.get_running_loop().time())

    async def of(self, socket: ClientConnection, seconds: float) -> str | bytes:
        """The next message.

        Raises:
            TimeoutError: If none came.
        """
        try:
            async with asyncio.timeout(seconds) as self._wait:
                return await socket.recv()
        finally:
            self._wait = None


async def conversation(url: str, habits: Habits, silence: Silence) -> AsyncGenerator[Json]:
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
        logger=QUIET,
        proxy=True if habits.trust_env else None,
    ) as socket:
        await socket.send(HEARTBEAT)
        async with asyncio.timeout(habits.patience):
            data = await socket.recv()
        while True:
            if message := message_from(data):
                yield message
            data = await _next(socket, habits, silence)


async def _next(socket: ClientConnection, habits: Habits, silence: Silence) -> str | bytes:
    with suppress(TimeoutError):
        return await silence.of(socket, habits.heartbeat)
    await socket.send(PING)
    async with asyncio.timeout(habits.patience):
        return await socket.recv()


def message_from(data: str | bytes) -> Json | None:
    """Read a message; None for what is not one, such as what API Gateway itself says on faults."""
    if not isinstance(data, str):
        return None
    try:
        message = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return message if isinstance(message, dict) and isinstance(message.get("type"), str) else None
