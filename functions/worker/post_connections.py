"""Posts to one origin, on kept connections.

A worker makes some hundred posts a second, all alike. In a general client most of a post's processor time
goes into what is the same each time. Environment variables for proxies are not looked at, no redirect is
followed, and nothing is sent twice.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from functions.shared.http_connections import DEFAULT_PORTS, host_of, tls
from functions.worker.post_connection import PostConnection

if TYPE_CHECKING:
    from collections.abc import Mapping

KEPT = 30.0
"""Seconds that a connection is kept without use: less than the gateway keeps it."""


@dataclass(slots=True, kw_only=True)
class PostConnections:
    """The connections to one origin."""

    origin: str
    connect: float
    """Seconds until there must be a connection."""
    read: float
    """Seconds in which the reply must come."""
    _idle: list[PostConnection] = field(default_factory=list, repr=False)
    _host: str = field(init=False)

    def __post_init__(self) -> None:
        self._host = host_of(self.origin)

    async def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> int:
        """Post once and return the status.

        Raises:
            OSError: If no reply came, whatever became of the request; in time, a TimeoutError.
        """
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        head = f"POST {path} HTTP/1.1\r\nHost: {self._host}\r\nContent-Length: {len(body)}\r\n{lines}\r\n"
        connection = self._kept() or await self._opened()
        try:
            async with asyncio.timeout(self.read):
                status = await connection.post(head.encode("latin-1") + body)
        except BaseException:
            connection.close()
            raise
        if connection.is_usable:
            self._idle.append(connection)
        return status

    def close(self) -> None:
        """End the connections that nothing uses."""
        while self._idle:
            self._idle.pop().close()

    def _kept(self) -> PostConnection | None:
        """Return the connection that was used last, unless all have been idle for too long."""
        oldest = asyncio.get_running_loop().time() - KEPT
        while self._idle:
            connection = self._idle.pop()
            if connection.is_usable and connection.used_at > oldest:
                return connection
            connection.close()
        return None

    async def _opened(self) -> PostConnection:
        address = urlsplit(self.origin)
        is_secure = address.scheme == "https"
        async with asyncio.timeout(self.connect):
            _, connection = await asyncio.get_running_loop().create_connection(
                PostConnection,
                str(address.hostname),
                address.port or DEFAULT_PORTS[address.scheme],
                ssl=tls() if is_secure else None,
            )
        return connection
