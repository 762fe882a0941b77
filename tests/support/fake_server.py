"""A fake server of the wire contract, in this process: tickets, sockets and HTTP, as a test sets them."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, urlsplit

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from framestream.tokens import user_of

GENERATION = "0" * 32
PROMPTS = "/api/chat/generate-response"
BUCKET = "/bucket"
"""Where files are uploaded to, with forms that a test's route gives."""
Reply = tuple[int, dict[str, Any]]


def problem(status: int, code: int | str, **fields: Any) -> Reply:
    return status, {"title": "No", "status": status, "detail": f"No: {code}.", "code": code, **fields}


def form_in(headers: dict[str, str], body: bytes) -> dict[str, Any]:
    """The fields of a form, with the file as its name, type and content."""
    kind = headers["content-type"]
    message = message_from_bytes(f"Content-Type: {kind}\r\n\r\n".encode() + body)
    form: dict[str, Any] = {}
    for part in message.walk():
        name = part.get_param("name", header="content-disposition")
        if isinstance(name, str):
            content = bytes(part.get_payload(decode=True) or b"").decode()
            file = part.get_filename()
            form[name] = [file, part.get_content_type(), content] if file else content
    return form


@dataclass(slots=True)
class FakeServer:
    """Accepts the good tokens and every JWT, and sends what a test asks for."""

    http_url: str = ""
    websocket_url: str = ""
    good_tokens: set[str] = field(default_factory=lambda: {"good"})
    ticket_replies: list[Reply] = field(default_factory=list)
    """Replies to the next requests for a ticket, instead of a ticket."""
    lifetime: timedelta = timedelta(hours=2)
    prompt_replies: list[Reply] = field(default_factory=list)
    """Replies to the next prompts, instead of 202."""
    upload_replies: list[Reply] = field(default_factory=list)
    """Replies to the next uploads, instead of 204."""
    handshake_statuses: list[int] = field(default_factory=list)
    """Statuses that refuse the next handshakes, without a body."""
    route: Callable[[str, str, dict[str, Any]], Reply | None] = lambda *_: None
    """Replies to a request by its method, path and content; None: the server replies as it always does."""
    is_unreachable: bool = False
    """Whether every request is aborted without a reply."""
    read_replies: list[Reply] = field(default_factory=list)
    """Replies to the next reads of the generation, instead of its state."""
    prompt_release: asyncio.Event | None = None
    """If given, prompts are answered only after it is set."""
    ticket_release: asyncio.Event | None = None
    """The same for tickets."""
    is_silent: bool = False
    """Whether heartbeats and pings are left without an answer."""
    state: dict[str, Any] = field(default_factory=dict)
    """The fields of the stored generation that differ from one without text."""
    page: int = 0
    """The length of text that one reply carries at most; 0: all of it."""
    requests: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    sockets: list[ServerConnection] = field(default_factory=list)
    tickets: set[str] = field(default_factory=set)
    opened: int = 0
    loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.get_running_loop)

    async def send(self, kind: str, **fields: Any) -> None:
        """Send a message about the generation to all sockets."""
        message = {"type": kind, "generation_id": GENERATION, "attempt": 1, **fields}
        for socket in self.sockets:
            await socket.send(json.dumps(message))

    async def frame(self, delta: str, offset: int, **fields: Any) -> None:
        await self.send(
            "llm_frame", frame={"status": "streaming", "delta": delta, "offset": offset}, **fields
        )

    async def part(
        self, index: int, kind: str, delta: str, *, offset: int = 0, text_offset: int = 0, **fields: Any
    ) -> None:
        part = {"index": index, "kind": kind, "delta": delta, "offset": offset, "text_offset": text_offset}
        await self.send("llm_part", part=part, **fields)

    async def status(self, word: str, **fields: Any) -> None:
        await self.send("llm_status", status=word, message=f"It is {word}.", **fields)

    async def complete(self, text: str) -> None:
        data = {"response": text, "length": len(text), "model": "m", "finish_reason": "stop", "usage": None}
        await self.send("llm_response", data=data)
        await self.status("completed")

    async def wait_for(self, sockets: int) -> None:
        """Wait until this many sockets have been opened."""
        async with asyncio.timeout(5):
            while self.opened < sockets:
                await asyncio.sleep(0.005)

    def abort_sockets(self) -> None:
        """Abort all sockets without a close frame, as a lost network does."""
        for socket in self.sockets:
            socket.transport.abort()
        self.sockets = []

    def requests_to(self, path: str) -> list[dict[str, Any]]:
        """The bodies, or the queries, of the requests to a path."""
        return [content for _, called, content in self.requests if called == path]

    def handshake(self, socket: ServerConnection, _request: Request) -> Response | None:
        if self.is_unreachable:
            socket.transport.abort()
        return (
            socket.respond(HTTPStatus(self.handshake_statuses.pop(0)), "")
            if self.handshake_statuses
            else None
        )

    async def socket(self, socket: ServerConnection) -> None:
        assert socket.request is not None
        [ticket] = parse_qs(urlsplit(socket.request.path).query)["ticket"]
        self.tickets.remove(ticket)  # Works once.
        with suppress(ConnectionClosed):
            await self.reply_to_messages(socket)
        self.sockets = [other for other in self.sockets if other is not socket]

    async def reply_to_messages(self, socket: ServerConnection) -> None:
        async for data in socket:
            if self.is_silent:
                continue
            now = datetime.now(UTC)
            times = {"timestamp": now.isoformat(), "expires_at": (now + self.lifetime).isoformat()}
            if json.loads(str(data))["type"] == "ping":
                await socket.send(json.dumps({"type": "pong"}))
                continue
            self.opened += 1
            self.sockets.append(socket)
            name = f"c{self.opened}"
            await socket.send(
                json.dumps({"type": "system", "status": "connected", "connection_id": name, **times})
            )

    async def request(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        lines = head.split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:])}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        method, target, _ = lines[0].split(" ")
        query = {name: values[0] for name, values in parse_qs(urlsplit(target).query).items()}
        if self.prompt_release and target == PROMPTS:
            await self.prompt_release.wait()
        if self.ticket_release and target.endswith("connection-tickets"):
            await self.ticket_release.wait()
        if self.is_unreachable:
            writer.transport.abort()
            return
        path = urlsplit(target).path
        content = form_in(headers, body) if path == BUCKET else json.loads(body or b"{}") or query
        status, answer = self.answer(method, path, headers, content)
        data = json.dumps(answer).encode()
        after = f"Retry-After: {answer['retry_after']}\r\n" if "retry_after" in answer else ""
        fixed = f"Content-Length: {len(data)}\r\nConnection: close"
        writer.write(f"HTTP/1.1 {status} X\r\n{after}{fixed}\r\n\r\n".encode() + data)
        await writer.drain()
        writer.close()

    def answer(self, method: str, path: str, headers: dict[str, str], content: dict[str, Any]) -> Reply:
        self.requests.append((method, path, {**content, "key": headers.get("idempotency-key")}))
        if path == BUCKET:
            return self.stores(headers)
        token = headers.get("authorization", "").removeprefix("Bearer ")
        if token not in self.good_tokens and user_of(token) is None:
            return problem(401, 4001)
        if path.endswith("connection-tickets"):
            if self.ticket_replies:
                return self.ticket_replies.pop(0)
            ticket = f"t{len(self.requests)}"
            self.tickets.add(ticket)
            return 201, {"ticket": ticket, "expires_in": 60, "websocket_url": self.websocket_url}
        if path == PROMPTS and self.prompt_replies:
            return self.prompt_replies.pop(0)
        return self.route(method, path, content) or self.replied(method, content)

    def stores(self, headers: dict[str, str]) -> Reply:
        """The bucket's reply to an upload; as S3, it takes the form's signature alone."""
        if "authorization" in headers:
            return 400, {
                "xml": "<Code>InvalidArgument</Code><Message>Only one auth mechanism allowed.</Message>"
            }
        return self.upload_replies.pop(0) if self.upload_replies else (204, {})

    def replied(self, method: str, content: dict[str, Any]) -> Reply:
        if method == "POST":
            return 202, {"generation_id": GENERATION, "status": "queued"}
        return self.read_replies.pop(0) if self.read_replies else self.stored(content)

    def stored(self, content: dict[str, Any]) -> Reply:
        """The generation as it stands, from an offset on."""
        whole = {"status": "processing", "attempt": 1, "text": "", "error": None, "code": None, **self.state}
        offset = int(content["offset"]) if str(whole["attempt"]) == content["attempt"] else 0
        end = offset + self.page if self.page else len(whole["text"])
        has_more = end < len(whole["text"])
        part = {"text": whole["text"][offset:end], "next_offset": end, "has_more": has_more}
        return 200, {**whole, "offset": offset, "length": len(whole["text"]), **part}


@asynccontextmanager
async def fake_server() -> AsyncIterator[FakeServer]:
    """Serve until the context ends."""
    fake = FakeServer()
    async with serve(fake.socket, "127.0.0.1", 0, process_request=fake.handshake) as sockets:
        fake.websocket_url = f"ws://127.0.0.1:{next(iter(sockets.sockets)).getsockname()[1]}"
        async with await asyncio.start_server(fake.request, "127.0.0.1", 0) as http:
            fake.http_url = f"http://127.0.0.1:{http.sockets[0].getsockname()[1]}"
            yield fake


Plan = Callable[[FakeServer], Coroutine[Any, Any, None]]


@contextmanager
def serving(
    plan: Plan | None = None, prepare: Callable[[FakeServer], None] = lambda _: None
) -> Iterator[FakeServer]:
    """Serve in a thread of its own, and run the plan after the first prompt."""
    ready, over, servers = threading.Event(), asyncio.Event(), list[FakeServer]()

    async def serve() -> None:
        async with fake_server() as server:
            prepare(server)
            servers.append(server)
            ready.set()
            running = asyncio.create_task(_after_prompt(server, plan))
            await over.wait()
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_until_complete, args=[serve()])
    thread.start()
    ready.wait(5)
    try:
        yield servers[0]
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join()
        loop.close()


async def _after_prompt(server: FakeServer, plan: Plan | None) -> None:
    while not (server.sockets and server.requests_to(PROMPTS)):
        await asyncio.sleep(0.005)
    if plan:
        await plan(server)
