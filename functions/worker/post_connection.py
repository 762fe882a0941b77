"""One connection to an HTTP/1.1 server that takes post after post; of a reply, the status is told."""

from __future__ import annotations

import asyncio
import re

HEAD = re.compile(rb"HTTP/1\.([01]) ([2-9]\d\d)[ \r].*?\r\n\r\n", re.DOTALL)
LENGTH = re.compile(rb"\r\ncontent-length:([^\r]*)", re.IGNORECASE)
CLOSES = re.compile(rb"\r\nconnection:[ \t]*close[ \t]*\r\n", re.IGNORECASE)
LONGEST = 64 * 1024
"""Bytes of a reply that are waited for."""


class NotHttp(OSError):
    """What came is no reply of HTTP/1."""


class ConnectionEnded(OSError):
    """The connection ended before the reply did."""


class PostConnection(asyncio.Protocol):
    """One connection, on which one post is under way at a time."""

    def __init__(self) -> None:
        self.is_usable = False
        """Whether another post may follow."""
        self.used_at = 0.0
        """When the last post was made, on the event loop's clock."""
        self._transport: asyncio.Transport | None = None
        self._reply: asyncio.Future[int] | None = None
        self._received = b""

    def post(self, request: bytes) -> asyncio.Future[int]:
        """Send a request; its status comes as the result, or an OSError."""
        if self._transport is None or self._transport.is_closing():
            raise ConnectionEnded
        loop = asyncio.get_running_loop()
        self.is_usable, self.used_at, self._received = False, loop.time(), b""
        self._reply = loop.create_future()
        self._transport.write(request)
        return self._reply

    def close(self) -> None:
        """End the connection at once."""
        self.is_usable = False
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self.is_usable = True

    def data_received(self, data: bytes) -> None:
        """Take a part of a reply. What nothing has asked for ends the connection."""
        if self._reply is None or self._reply.done():
            self.close()
            return
        self._received += data
        head = HEAD.match(self._received)
        if head is not None:
            self._read(head, self._reply)
        elif b"\r\n\r\n" in self._received or len(self._received) > LONGEST:
            self._fail(NotHttp())

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the post that waits."""
        self._fail(exc if isinstance(exc, OSError) else ConnectionEnded())

    def _read(self, head: re.Match[bytes], reply: asyncio.Future[int]) -> None:
        """Tell the status once the reply is whole, or at once if this connection will not be used again."""
        length = LENGTH.search(head[0])
        if length is not None and not length[1].strip().isdigit():
            self._fail(NotHttp())
            return
        end = head.end() + int(length[1]) if length else LONGEST
        if len(self._received) < end < LONGEST:
            return
        reply.set_result(int(head[2]))
        self.is_usable = len(self._received) == end and head[1] == b"1" and not CLOSES.search(head[0])
        if not self.is_usable:
            self.close()

    def _fail(self, error: OSError) -> None:
        if self._reply is not None and not self._reply.done():
            self._reply.set_exception(error)
        self.close()
