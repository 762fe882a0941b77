"""Reads a WebSocket as cheaply as can be: notes when each message came, and looks at none of them.

A library's client would take the processor from the stacks that are measured, and more of it from the one
that sends more frames.
"""

from __future__ import annotations

import asyncio
import base64
import os
import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit

TEXT, CLOSE, PING, PONG = 0x1, 0x8, 0x9, 0xA
ANSWERS = {PING: PONG, CLOSE: CLOSE}
LONG, LONGER = 126, 127


class HandshakeRefused(Exception):
    """The server did not open the socket."""


@dataclass(slots=True)
class Frames:
    """Takes bytes of a server and gives whole frames: those are not masked, and ours are never fragmented."""

    buffer: bytearray = field(default_factory=bytearray)

    def feed(self, data: bytes) -> list[tuple[int, bytes]]:
        """Return the opcode and the content of every frame that is complete now."""
        self.buffer += data
        found = []
        while (frame := self._next()) is not None:
            found.append(frame)
        return found

    def _next(self) -> tuple[int, bytes] | None:
        if len(self.buffer) < 2:
            return None
        length, start = self.buffer[1] & 0x7F, 2
        if length in {LONG, LONGER}:
            start += 2 if length == LONG else 8
            if len(self.buffer) < start:
                return None
            length = int.from_bytes(self.buffer[2:start], "big")
        if len(self.buffer) < start + length:
            return None
        frame = self.buffer[0] & 0x0F, bytes(self.buffer[start : start + length])
        del self.buffer[: start + length]
        return frame


@dataclass(slots=True)
class Socket:
    """One open socket, and each text message with the time (monotonic nanoseconds) it came at."""

    writer: asyncio.StreamWriter
    messages: list[tuple[int, bytes]] = field(default_factory=list)

    def send(self, data: bytes, *, opcode: int = TEXT) -> None:
        """Send a short message, masked with zeros, which changes nothing and is allowed."""
        assert len(data) < LONG
        self.writer.write(bytes([0x80 | opcode, 0x80 | len(data)]) + bytes(4) + data)

    async def read(self, reader: asyncio.StreamReader) -> None:
        """Take messages until the server closes, or this is cancelled."""
        frames = Frames()
        try:
            while data := await reader.read(65536):
                now = time.monotonic_ns()
                for opcode, content in frames.feed(data):
                    self._take(opcode, content, now)
        finally:
            self.writer.close()

    def _take(self, opcode: int, content: bytes, now: int) -> None:
        if opcode == TEXT:
            self.messages.append((now, content))
        elif opcode in ANSWERS:
            self.send(content, opcode=ANSWERS[opcode])


async def open_socket(url: str, *, origin: str) -> tuple[Socket, asyncio.Task[None]]:
    """Open a socket and start to read it.

    Raises:
        HandshakeRefused: If the server answers with anything but 101.
    """
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    key = base64.b64encode(os.urandom(16)).decode()
    head = (
        f"GET {parts.path}?{parts.query} HTTP/1.1\r\nHost: {parts.netloc}\r\nUpgrade: websocket\r\n"
        f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
        f"Origin: {origin}\r\n\r\n"
    )
    writer.write(head.encode())
    status = (await reader.readuntil(b"\r\n\r\n")).split(b"\r\n", 1)[0]
    if b" 101 " not in status:
        writer.close()
        raise HandshakeRefused(status.decode())
    socket = Socket(writer)
    return socket, asyncio.create_task(socket.read(reader))
