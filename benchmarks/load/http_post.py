"""Posts JSON as cheaply as can be, on a connection for each, so that no pool makes a post wait."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

SHOWN = 500


class UnexpectedAnswer(Exception):
    """The server answered with something that is not JSON."""

    def __init__(self, url: str, head: bytes, body: bytes) -> None:
        super().__init__(f"{url} answered {(head + body)[:SHOWN]!r}")


async def post(url: str, content: object, headers: Mapping[str, str]) -> tuple[int, Any]:
    """Return the status and the JSON of the answer."""
    body = json.dumps(content).encode()
    return await _request("POST", url, body, {"Content-Type": "application/json", **headers})


async def get(url: str) -> Any:
    """Return the JSON of the answer."""
    _status, content = await _request("GET", url, b"", {})
    return content


async def _request(method: str, url: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, Any]:
    parts = urlsplit(url)
    fields = {"Host": parts.netloc, "Connection": "close", "Content-Length": str(len(body)), **headers}
    lines = [f"{method} {parts.path} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items())]
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    try:
        writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        head = await reader.readuntil(b"\r\n\r\n")
        received = await _body(reader, head.lower())
    finally:
        writer.close()
    try:
        return int(head.split(b" ", 2)[1]), json.loads(received)
    except ValueError:
        raise UnexpectedAnswer(url, head, received) from None


async def _body(reader: asyncio.StreamReader, head: bytes) -> bytes:
    if b"transfer-encoding: chunked" in head:
        chunks = []
        while size := int(await reader.readline(), 16):
            chunks.append((await reader.readexactly(size + 2))[:-2])
        return b"".join(chunks)
    for line in head.split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return await reader.readexactly(int(line.partition(b":")[2]))
    return await reader.read()
