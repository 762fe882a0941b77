"""A deployment in this process that does all that AWS does for a smoke test, but for the faults of a test."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, urlsplit

from websockets.asyncio.server import ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

from functions.shared.cors import HEADERS, METHODS

PAGE = "https://app.example"
USER = "ada"
TOKEN = f"e30.{base64.urlsafe_b64encode(json.dumps({'sub': USER}).encode()).decode().rstrip('=')}.x"
CAP = 3
FRAME_BYTES, MESSAGE_BYTES = 32 * 1024, 128 * 1024
PIECES = ("Otters sleep ", "holding paws. ", "They like 🦦 company.")
Reply = tuple[int, dict[str, Any], dict[str, str]]


@dataclass(slots=True)
class FakeDeployment:
    """Tickets, sockets, prompts and answers; `faults` names what is broken."""

    faults: set[str] = field(default_factory=set)
    http_url: str = ""
    websocket_url: str = ""
    tickets: dict[str, bool] = field(default_factory=dict)
    sockets: dict[str, ServerConnection] = field(default_factory=dict)
    opening: set[ServerConnection] = field(default_factory=set)
    generations: dict[str, dict[str, Any]] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    log: list[str] = field(default_factory=list)
    """The access log."""
    tasks: set[asyncio.Task[None]] = field(default_factory=set)
    loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.get_running_loop)

    def has(self, fault: str) -> bool:
        return fault in self.faults

    # HTTP

    async def request(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        first, *lines = head.split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        method, target, _ = first.split(" ")
        self.log.append(f'{{"requestId": "r{len(self.log)}", "query": "{self._logged(target)}"}}')
        status, content, more = self.answer(method, urlsplit(target), headers, json.loads(body or b"{}"))
        data = b"<html>" if self.has("another server answers") else json.dumps(content).encode()
        fixed = {
            "Content-Length": len(data),
            "Connection": "close",
            "apigw-requestid": f"r{len(self.log) - 1}",
        }
        told = "".join(f"{name}: {value}\r\n" for name, value in {**fixed, **more}.items())
        writer.write(f"HTTP/1.1 {status} X\r\n{told}\r\n".encode() + data)
        with suppress(ConnectionError):
            await writer.drain()
        writer.close()

    def _logged(self, target: str) -> str:
        return target if self.has("the query is logged") else ""

    def answer(  # noqa: PLR0911  one for each call
        self, method: str, url: Any, headers: dict[str, str], content: dict[str, Any]
    ) -> Reply:
        page, path = headers.get("origin"), url.path
        if method == "OPTIONS":
            return self._preflight(page)
        if path == "/health":
            return (500 if self.has("health fails") else 200), {"status": "ok"}, {}
        if page != PAGE and not self.has("any page may call"):
            return _problem(403, 4001 if self.has("a page is refused with another code") else 4003)
        if headers.get("authorization") != f"Bearer {TOKEN}" and not self.has("tickets are for anybody"):
            return _problem(401, 4001)
        if self.has("the token is refused"):
            return _problem(401, 4001)
        if path.endswith("connection-tickets"):
            return self._ticket()
        if path.endswith("generate-response"):
            return self._prompt(headers["idempotency-key"], content)
        generation = self.generations[path.split("/")[4]]
        if path.endswith("/cancel"):
            generation["cancelled"] = not self.has("cancelling does nothing")
            return 202, {"status": "cancelling"}, {}
        return 200, self._state(generation), {}

    def _preflight(self, page: str | None) -> Reply:
        if self.has("preflights are refused"):
            return _problem(403, "cors")
        allowed = "*" if self.has("every page passes the preflight") else page if page == PAGE else ""
        headers = HEADERS[:1] if self.has("a header is not allowed") else HEADERS
        cors = {
            "Access-Control-Allow-Origin": allowed or "",
            "Access-Control-Allow-Headers": ",".join(headers),
            "Access-Control-Allow-Methods": ",".join(METHODS),
        }
        return 204, {}, cors if allowed else {}

    def _ticket(self) -> Reply:
        if len(self.opening) >= CAP and not self.has("a ticket is issued beside a full cap"):
            return _problem(429, 4429)
        ticket = f"t{len(self.tickets)}"
        self.tickets[ticket] = True
        url = "wss://elsewhere.example" if self.has("tickets lead elsewhere") else self.websocket_url
        return 201, {"ticket": ticket, "expires_in": 60, "websocket_url": url}, {}

    def _prompt(self, key: str, content: dict[str, Any]) -> Reply:
        if self.has("prompts are refused"):
            return _problem(422, "invalid")
        if key not in self.keys or self.has("a key is forgotten"):
            name = f"g{len(self.generations)}"
            self.keys[key] = name
            is_long = "1000" in content["prompt"]
            self.generations[name] = {
                "id": name,
                "long": is_long,
                "text": "",
                "status": "queued",
                "cancelled": False,
            }
            task = asyncio.create_task(self._answer(self.generations[name]))
            self.tasks.add(task)
        return 202, {"generation_id": self.keys[key], "status": "queued"}, {}

    def _state(self, generation: dict[str, Any]) -> dict[str, Any]:
        status, text = generation["status"], generation["text"]
        if self.has("the stored text differs"):
            text = text[1:]
        if self.has("the end is not stored") and status in {"completed", "cancelled"}:
            status = "processing"
        return {"status": status, "attempt": 1, "offset": 0, "text": text, "length": len(text), "error": None}

    # Answers

    async def _answer(self, generation: dict[str, Any]) -> None:
        if self.has("no worker runs"):
            return
        order = ["started", "processing", "thinking", "streaming"]
        for status in order[::-1] if self.has("statuses come in another order") else order:
            await self._tell(generation, "llm_status", status=status, message=".")
        if self.has("the model refuses"):
            await self._tell(generation, "llm_error", error="Refused.", code="llm_rejected", retryable=False)
            await self._end(generation, "failed")
            return
        pieces = [f"{number}\n" for number in range(60)] if generation["long"] else PIECES
        for piece in pieces:
            if generation["cancelled"]:
                await self._end(generation, "cancelled")
                return
            await self._frame(generation, piece)
            await asyncio.sleep(0.01 if generation["long"] else 0)
        await self._complete(generation)

    async def _frame(self, generation: dict[str, Any], piece: str) -> None:
        offset = len(generation["text"]) + (5 if self.has("a frame is lost") and generation["text"] else 0)
        frame = {"status": "streaming", "delta": piece, "offset": offset}
        padding = "x" * (33 * 1024) if self.has("a message is too long") else ""
        generation["text"] += piece
        await self._tell(generation, "llm_frame", frame=frame, padding=padding)

    async def _complete(self, generation: dict[str, Any]) -> None:
        text = generation["text"]
        length = len(text) + (1 if self.has("the response has another length") else 0)
        if not self.has("the response is not sent"):
            await self._tell(generation, "llm_response", data={"response": text, "length": length})
        if not self.has("the end is not told"):
            await self._end(generation, "completed")

    async def _end(self, generation: dict[str, Any], status: str) -> None:
        generation["status"] = status
        await self._tell(generation, "llm_status", status=status, message=".")

    async def _tell(self, generation: dict[str, Any], kind: str, **fields: Any) -> None:
        message = {"type": kind, "generation_id": generation["id"], "attempt": 1, **fields}
        for socket in list(self.sockets.values()):
            with suppress(ConnectionClosed):
                await socket.send(json.dumps(message))

    # Sockets

    def handshake(self, socket: ServerConnection, request: Request) -> Response | None:
        query = {name: values[0] for name, values in parse_qs(urlsplit(request.path).query).items()}
        offered = request.headers.get("Sec-WebSocket-Protocol", "")
        has_token = TOKEN in offered or request.headers.get("Authorization") == f"Bearer {TOKEN}"
        if self.has("handshakes fail"):
            return _refusal(500, {})
        if request.headers.get("Origin") != PAGE and not self.has("sockets open for any page"):
            return self._refused(403, 4003)
        if not has_token and not self.tickets.get(query.get("ticket", "")):
            return self._refused(401, 4001)
        if len(self.opening) >= CAP and not self.has("the cap does not hold"):
            return self._refused(429, 4429)
        if "ticket" in query:
            self.tickets[query["ticket"]] = self.has("a ticket works twice")
        self.opening.add(socket)
        return None

    def _refused(self, status: int, code: int) -> Response:
        body = {} if self.has("refusals have no body") else {"type": "system", "code": code}
        return _refusal(403 if self.has("every refusal is a 403") else status, body)

    def choose(self, _socket: ServerConnection, offered: Sequence[Subprotocol]) -> Subprotocol | None:
        if not offered or self.has("no subprotocol is chosen"):
            return None
        return offered[-1] if self.has("the token is echoed") else offered[0]

    async def socket(self, socket: ServerConnection) -> None:
        name = f"c{len(self.sockets)}-{id(socket)}"
        try:
            with suppress(ConnectionClosed):
                while True:
                    await self._take(socket, name)
        finally:
            self.opening.discard(socket)
            self.sockets.pop(name, None)

    async def _take(self, socket: ServerConnection, name: str) -> None:
        """Take one message, as API Gateway does: 32 KB in a frame, 128 KB in a message, or 1009."""
        data = ""
        async for part in socket.recv_streaming():
            data += str(part)
            is_long_frame = len(part) > FRAME_BYTES and not self.has("long frames are taken")
            is_long = len(data) > MESSAGE_BYTES and not self.has("long messages are taken")
            if is_long_frame or is_long or (data != part and self.has("messages in parts are refused")):
                await socket.close(1009)
                return
        if not data.startswith("{"):
            await socket.send(json.dumps({"type": "system", "status": "rejected", "code": 4000}))
        elif not self.has("nothing is answered"):
            await socket.send(json.dumps(self._reply(socket, name, json.loads(data)["type"])))

    def _reply(self, socket: ServerConnection, name: str, kind: str) -> dict[str, Any]:
        if name in self.sockets:
            if self.has("pings are refused") and kind == "ping":
                return {"type": "system", "status": "rejected", "code": 4000}
            return {"type": "pong"} if kind == "ping" else {"type": "system", "status": "alive"}
        self.sockets[name] = socket
        life = timedelta(hours=-1 if self.has("sockets have expired") else 2)
        status = "alive" if self.has("sockets are not connected") else "connected"
        expires_at = (datetime.now(UTC) + life).isoformat()
        return {"type": "system", "status": status, "connection_id": name, "expires_at": expires_at}


def _problem(status: int, code: int | str) -> Reply:
    return status, {"code": code, "detail": f"No: {code}."}, {}


def _refusal(status: int, body: dict[str, Any]) -> Response:
    data = json.dumps(body).encode() if body else b""
    return Response(status, HTTPStatus(status).phrase, Headers({"Content-Length": str(len(data))}), data)


@asynccontextmanager
async def fake_deployment(*faults: str) -> AsyncIterator[FakeDeployment]:
    """Serve until the context ends."""
    fake = FakeDeployment(set(faults))
    async with serve(
        fake.socket,
        "127.0.0.1",
        0,
        process_request=fake.handshake,
        select_subprotocol=fake.choose,
        max_size=2**20,
    ) as sockets:
        fake.websocket_url = f"ws://127.0.0.1:{next(iter(sockets.sockets)).getsockname()[1]}"
        async with await asyncio.start_server(fake.request, "127.0.0.1", 0) as http:
            fake.http_url = f"http://127.0.0.1:{http.sockets[0].getsockname()[1]}"
            try:
                yield fake
            finally:
                for task in fake.tasks:
                    task.cancel()
                await asyncio.gather(*fake.tasks, return_exceptions=True)
