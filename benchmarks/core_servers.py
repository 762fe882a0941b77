"""What the worker's core speaks to, in a process of its own: a model server, or the gateway's management API.

    python -m benchmarks.core_servers model --rate 80 --tokens 800
    python -m benchmarks.core_servers gateway --latency 10

Each prints its port and serves until its standard input ends. Plain asyncio protocols: a server that costs
as much as what is measured would slow it down on a machine with few cores.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from typing import ClassVar
from urllib.parse import unquote

HEAD_END = b"\r\n\r\n"
WORD = "token "


class HttpProtocol(asyncio.Protocol):
    """Takes one request after the other from a kept connection."""

    transport: asyncio.Transport

    def __init__(self) -> None:
        self._bytes = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self._bytes += data
        while (end := self._bytes.find(HEAD_END)) >= 0:
            head = self._bytes[:end].decode("latin-1")
            whole = end + len(HEAD_END) + _length_of(head)
            if len(self._bytes) < whole:
                return
            body, self._bytes = self._bytes[end + len(HEAD_END) : whole], self._bytes[whole:]
            self.request(head.split(" ", 2)[1], body)

    def request(self, path: str, body: bytes) -> None:
        raise NotImplementedError

    def reply(self, body: bytes = b"") -> None:
        self.transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))


def _length_of(head: str) -> int:
    lines = (line.partition(":") for line in head.split("\r\n"))
    return next((int(value) for name, _, value in lines if name.lower() == "content-length"), 0)


class ModelServer(HttpProtocol):
    """Writes tokens at a steady rate, each as one event in one HTTP chunk, as hosted models do."""

    rate: float
    tokens: int

    def request(self, path: str, body: bytes) -> None:
        self.transport.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        self._began = asyncio.get_running_loop().time()
        self._write(0)

    def _write(self, number: int) -> None:
        if self.transport.is_closing():
            return
        if number == self.tokens:
            usage = {"prompt_tokens": 9, "completion_tokens": number, "total_tokens": number + 9}
            end = _event({}, finish_reason="stop") + _event(None, usage=usage) + _chunk(b"data: [DONE]\n\n")
            self.transport.write(end + b"0\r\n\r\n")
            return
        self.transport.write(_event({"content": WORD}))
        due = self._began + (number + 1) / self.rate
        asyncio.get_running_loop().call_at(due, self._write, number + 1)


def _event(
    delta: dict[str, str] | None, *, finish_reason: str | None = None, usage: dict[str, int] | None = None
) -> bytes:
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
    chunk = {
        "id": "chatcmpl-Bench0123456789abcdefghijkl",
        "object": "chat.completion.chunk",
        "created": 1_764_000_000,
        "model": "bench-model-2026-11-01",
        "service_tier": "default",
        "system_fingerprint": "fp_0123456789",
        "choices": [] if delta is None else [choice],
        "usage": usage,
    }
    return _chunk(b"data: " + json.dumps(chunk, separators=(",", ":")).encode() + b"\n\n")


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


@dataclass
class Received:
    """What one connection got."""

    frames: list[float] = field(default_factory=list)
    """When each frame with text came, on the loop's clock."""
    text: list[str] = field(default_factory=list)
    is_ordered: bool = True
    length: int = 0


class Gateway(HttpProtocol):
    """Takes posts, answers after a pause, and reports what came: GET /report, which also clears it."""

    latency: float
    received: ClassVar[defaultdict[str, Received]] = defaultdict(Received)

    def request(self, path: str, body: bytes) -> None:
        if path == "/report":
            self.reply(json.dumps(_report(self.received)).encode())
            self.received.clear()
            return
        message = json.loads(body)
        frame = message.get("frame", {})
        if "delta" in frame:
            received = self.received[unquote(path.rsplit("/", 1)[1])]
            received.frames.append(asyncio.get_running_loop().time())
            received.is_ordered = received.is_ordered and frame["offset"] == received.length
            received.length += len(frame["delta"])
        asyncio.get_running_loop().call_later(self.latency, self.reply)


def _report(received: dict[str, Received]) -> dict[str, object]:
    gaps = sorted(
        (later - earlier) * 1000
        for one in received.values()
        for earlier, later in zip(one.frames, one.frames[1:-1], strict=False)
    )
    return {
        "connections": len(received),
        "frames": sum(len(one.frames) for one in received.values()),
        "characters": sum(one.length for one in received.values()),
        "is_ordered": all(one.is_ordered for one in received.values()),
        "gap_p50_ms": round(gaps[len(gaps) // 2], 1) if gaps else None,
        "gap_p95_ms": round(gaps[int(len(gaps) * 0.95)], 1) if gaps else None,
    }


async def _serve(protocol: type[HttpProtocol]) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(protocol, "127.0.0.1", 0, backlog=1000)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


def main() -> None:
    """Serve as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["model", "gateway"])
    parser.add_argument("--rate", type=float, default=80, help="tokens a second")
    parser.add_argument("--tokens", type=int, default=800, help="of one answer")
    parser.add_argument("--latency", type=float, default=10, help="milliseconds until a post is answered")
    options = parser.parse_args()
    ModelServer.rate, ModelServer.tokens = options.rate, options.tokens
    Gateway.latency = options.latency / 1000
    asyncio.run(_serve(ModelServer if options.what == "model" else Gateway))


if __name__ == "__main__":
    main()
