"""The scripted model: speaks as much of the OpenAI API as streaming needs, cheaply, and remembers its calls.

A token costs one timer and one write, so that fifty answers leave the processor to what is measured.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from dataclasses import dataclass, field
from typing import Any

from benchmarks.model.script import Script, token

HEAD = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n"
    b"connection: close\r\n\r\n"
)
JSON_HEAD = (
    b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: %d\r\n\r\n"
)
DONE = b"data: [DONE]\n\n"


@dataclass(slots=True)
class Call:
    """One request, and what has been sent of its answer."""

    key: str
    """The script's key, with the number of the call: a repeated call sends other tokens."""
    asked: int
    """When the request had been read, as monotonic nanoseconds."""
    first_sent: int | None = None
    sent: list[str] = field(default_factory=list)
    is_whole: bool = False

    def facts(self) -> dict[str, Any]:
        return {
            "key": self.key,
            "asked": self.asked,
            "first_sent": self.first_sent,
            "text": "".join(self.sent),
            "is_whole": self.is_whole,
        }


@dataclass(slots=True)
class Answer:
    """Plays one script on one connection."""

    writer: asyncio.StreamWriter
    script: Script
    call: Call
    done: asyncio.Future[None]
    begun: float
    times: list[float]

    def schedule(self) -> None:
        """Let the next token come at its own time after the request, so that delays do not add up."""
        if self.writer.is_closing():
            self.done.set_result(None)
        elif len(self.call.sent) < len(self.times):
            due = self.begun + self.times[len(self.call.sent)]
            asyncio.get_running_loop().call_at(due, self._send)
        else:
            self._end()

    def _send(self) -> None:
        number, now = len(self.call.sent), time.monotonic_ns()
        text = token(self.call.key, number, sent=now)
        self.call.first_sent = self.call.first_sent or now
        self.call.sent.append(text)
        self.writer.write(_chunk(_event({"content": text})))
        self.schedule()

    def _end(self) -> None:
        count = len(self.times)
        usage = {"prompt_tokens": 1, "completion_tokens": count, "total_tokens": count + 1}
        last = _event({}, finish="stop"), _event(None, usage=usage), DONE
        self.writer.write(b"".join(map(_chunk, last)) + b"0\r\n\r\n")
        self.call.is_whole = True
        self.done.set_result(None)


@dataclass(slots=True)
class Server:
    """Answers requests, each on a connection of its own."""

    calls: list[Call] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request."""
        try:
            line, body = await _request(reader)
            if line.startswith(b"POST ") and b"/chat/completions" in line:
                await self._answer(body, writer)
            elif line.startswith(b"GET /calls"):
                _reply(writer, [call.facts() for call in self.calls])
            else:
                _reply(writer, {"object": "list", "data": []})
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # The client has gone.
        finally:
            writer.close()

    async def _answer(self, body: bytes, writer: asyncio.StreamWriter) -> None:
        loop = asyncio.get_running_loop()
        asked, begun = time.monotonic_ns(), loop.time()
        script = Script.from_prompt(json.loads(body)["messages"][-1]["content"])
        number = sum(call.key.rpartition("-")[0] == script.key for call in self.calls) + 1
        call = Call(f"{script.key}-{number}", asked)
        self.calls.append(call)
        writer.write(HEAD + _chunk(_event({"role": "assistant", "content": ""})))
        done: asyncio.Future[None] = loop.create_future()
        Answer(writer, script, call, done, begun, script.times()).schedule()
        await done


async def _request(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    head = await reader.readuntil(b"\r\n\r\n")
    line, *fields = head.split(b"\r\n")
    named = dict(field.lower().split(b":", 1) for field in fields if b":" in field)
    return line, await reader.readexactly(int(named.get(b"content-length", 0)))


def _event(delta: dict[str, str] | None, *, finish: str | None = None, usage: object = None) -> bytes:
    choices = [] if delta is None else [{"index": 0, "delta": delta, "finish_reason": finish}]
    chunk = {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 0,
        "model": "scripted",
        "choices": choices,
        "usage": usage,
    }
    return b"data: " + json.dumps(chunk, ensure_ascii=False).encode() + b"\n\n"


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


def _reply(writer: asyncio.StreamWriter, content: object) -> None:
    body = json.dumps(content).encode()
    writer.write(JSON_HEAD % len(body) + body)


async def _main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.model.server", description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    server = await asyncio.start_server(Server().serve, "127.0.0.1", parser.parse_args().port, backlog=1000)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_main())
