"""A network of one device's own: passes bytes on, notes what was asked, and can be pulled out."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable

REQUEST = re.compile(rb"(?:GET|POST|PATCH|DELETE|PUT) (\S+) HTTP/1\.1\r\n")
LONGEST = 64 * 1024


@dataclass(slots=True, kw_only=True)
class Cable:
    """Listens on a port of 127.0.0.1, and leads to another one.

    An address that the server names, such as a socket's, leads through the cable, too: all ports that are
    given to sockets have five digits, so a reply keeps its length.
    """

    target: int
    port: int = 0
    is_pulled: bool = False
    pulls: int = 0
    asked: list[str] = field(default_factory=list)
    """Request lines, each as `GET /path`."""
    received: bytearray = field(default_factory=bytearray)
    """All that was sent to the target, where `keeps` says so."""
    replied: bytearray = field(default_factory=bytearray)
    keeps: bool = False
    _writers: set[asyncio.StreamWriter] = field(default_factory=set)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        self.pull()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def pull(self) -> None:
        """Break every connection, and let none be made."""
        self.is_pulled = True
        self.pulls += 1
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    def plug(self) -> None:
        """Let connections be made again."""
        self.is_pulled = False

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.is_pulled:
            writer.transport.abort()
            return
        pulls = self.pulls
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.target)
        if self.pulls > pulls:
            writer.transport.abort()
            far_writer.transport.abort()
            return
        self._writers |= {writer, far_writer}
        for source, sink, passed in (
            (reader, far_writer, self._passed_on),
            (far_reader, writer, self._passed_back),
        ):
            task = asyncio.create_task(_pump(source, sink, passed))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def _passed_on(self, data: bytes) -> bytes:
        self.asked += [match[0].decode().removesuffix(" HTTP/1.1\r\n") for match in REQUEST.finditer(data)]
        if self.keeps:
            self.received += data
        return data

    def _passed_back(self, data: bytes) -> bytes:
        if self.keeps:
            self.replied += data
        return data.replace(f"127.0.0.1:{self.target}".encode(), f"127.0.0.1:{self.port}".encode())


async def _pump(
    source: asyncio.StreamReader, sink: asyncio.StreamWriter, passed: Callable[[bytes], bytes]
) -> None:
    try:
        while data := await source.read(LONGEST):
            sink.write(passed(data))
            await sink.drain()
    except OSError:
        pass
    finally:
        sink.close()
