"""The messages of one socket: sends the first heartbeat, and a ping after each silence (keep-alive)."""

from __future__ import annotations

import asyncio
import json
import logging
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Origin

from framestream.backoff import Reconnect

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from framestream.progress import Json

MAX_MESSAGE_BYTES = 2**20
LIBRARY_LOGGER = logging.getLogger("framestream.websockets")
LIBRARY_LOGGER.setLevel(logging.INFO)  # Its debug lines would contain tickets.
HEARTBEAT, PING = '{"type":"heartbeat"}', '{"type":"ping"}'


@dataclass(frozen=True, slots=True, kw_only=True)
class SocketOptions:
    """How sockets are opened and kept alive; times are in seconds."""

    origin: str | None = None
    heartbeat: float = 540.0
    """The keep-alive interval: after a silence of this length, a ping is sent."""
    timeout: float = 10.0
    """The longest wait for a handshake, or for the answer to a ping."""
    trust_env: bool = True
    """Whether the proxy is taken from the environment."""
    reconnect: Reconnect = field(default_factory=Reconnect)


class ReceiveTimer:
    """Limits the wait for the next message. Expired early, it makes the socket send a ping at once."""

    def __init__(self) -> None:
        self._wait: asyncio.Timeout | None = None

    def expire(self) -> None:
        if self._wait and not self._wait.expired():
            self._wait.reschedule(asyncio.get_running_loop().time())

    async def receive(self, socket: ClientConnection, seconds: float) -> str | bytes:
        """The next message.

        Raises:
            TimeoutError: If none came.
        """
        try:
            async with asyncio.timeout(seconds) as self._wait:
                return await socket.recv()
        finally:
            self._wait = None


async def messages(url: str, options: SocketOptions, timer: ReceiveTimer) -> AsyncGenerator[Json]:
    """Open a socket and yield its messages, beginning with `connected`.

    The client sends first: the server cannot send before $connect has returned.

    Raises:
        OSError: If the server cannot be reached, or does not answer in time (TimeoutError).
        WebSocketException: If the handshake is refused, or when the socket closes.
    """
    async with connect(
        url,
        origin=Origin(options.origin) if options.origin else None,
        open_timeout=options.timeout,
        close_timeout=1,
        ping_interval=None,
        max_size=MAX_MESSAGE_BYTES,
        logger=LIBRARY_LOGGER,
        proxy=True if options.trust_env else None,
    ) as socket:
        await socket.send(HEARTBEAT)
        async with asyncio.timeout(options.timeout):
            data = await socket.recv()
        while True:
            if message := message_from(data):
                yield message
            data = await _next(socket, options, timer)


async def _next(socket: ClientConnection, options: SocketOptions, timer: ReceiveTimer) -> str | bytes:
    with suppress(TimeoutError):
        return await timer.receive(socket, options.heartbeat)
    await socket.send(PING)
    async with asyncio.timeout(options.timeout):
        return await socket.recv()


def message_from(data: str | bytes) -> Json | None:
    """Parse a message. None: not a message of the contract, such as an error of API Gateway itself."""
    if not isinstance(data, str):
        return None
    try:
        message = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return message if isinstance(message, dict) and isinstance(message.get("type"), str) else None
