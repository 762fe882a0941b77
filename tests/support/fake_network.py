"""A network between one client and fake chats, in virtual time: each way takes its time, or is out."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import Any

import httpx
import pytest

from framestream import Backoff, FrameStreamClient, Reconnect
from tests.support.fake_chat_server import FakeChats
from tests.support.fake_server import Reply, problem

Json = dict[str, Any]
GENERATIONS = "/api/chat/generations/"
RECONNECT = Reconnect(backoff=Backoff(cap=2), idle_cap=4)


@dataclass(slots=True, kw_only=True)
class FakeNetwork:
    """Carries requests and messages. The seed decides how long each way takes, and the client's jitter."""

    seed: int
    chance: Random = field(init=False)
    chats: FakeChats = field(default_factory=FakeChats)
    slowest: float = 0.6
    """Seconds that a request, a reply, a handshake or a message takes at most."""
    asked: list[str] = field(default_factory=list)
    """Requests that reached the server, each as `GET /path`."""
    refusals: list[Reply] = field(default_factory=list)
    """Replies to the next tickets, instead of one."""
    read_refusals: list[Reply] = field(default_factory=list)
    """Replies to the next readings of a chat."""
    opens_sockets: bool = True
    """Otherwise their handshakes take for ever."""
    outages: int = 0
    is_out: bool = False
    _sockets: set[asyncio.Queue[Json | None]] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Make the same of the same seed."""
        self.chance = Random(self.seed)  # noqa: S311  a seed
        random.seed(self.seed)

    def client(self, patch: pytest.MonkeyPatch) -> FrameStreamClient:
        """A client whose requests and sockets use this network."""
        transport = httpx.MockTransport(self._request)
        patch.setattr("framestream.client.httpx.AsyncClient", partial(httpx.AsyncClient, transport=transport))
        patch.setattr("framestream.reconnecting_socket.messages", self._messages)
        return FrameStreamClient(
            "http://otters.example", "good", user_id="u1", reconnect=RECONNECT, trust_env=False
        )

    def cut(self) -> None:
        """Break every connection, and let none be made."""
        self.is_out = True
        self.outages += 1
        for socket in self._sockets:
            socket.put_nowait(None)
        self._sockets.clear()

    def restore(self) -> None:
        """Let connections be made again."""
        self.is_out = False

    def tell(self) -> None:
        """Send what the chats have to tell to the sockets."""
        for message in self.chats.told:
            for socket in self._sockets:
                socket.put_nowait(message)
        self.chats.told.clear()

    async def _way(self, broken: Callable[[], Exception]) -> None:
        outages = self.outages
        await asyncio.sleep(self.chance.uniform(0, self.slowest))
        if self.is_out or self.outages > outages:
            raise broken()

    async def _request(self, request: httpx.Request) -> httpx.Response:
        broken = partial(httpx.ConnectError, "out", request=request)
        await self._way(broken)
        self.asked.append(f"{request.method} {request.url.path}")
        status, content = self._reply(request)
        self.tell()
        await self._way(broken)
        return httpx.Response(status, json=content)

    def _reply(self, request: httpx.Request) -> Reply:
        path = request.url.path
        content = json.loads(request.content or b"{}") | dict(request.url.params)
        if path.endswith("/connection-tickets"):
            ticket = {"ticket": "t", "expires_in": 30, "websocket_url": "ws://otters.example"}
            return self.refusals.pop(0) if self.refusals else (201, ticket)
        if path.endswith("/messages") and self.read_refusals:
            return self.read_refusals.pop(0)
        if path.startswith(GENERATIONS) and request.method == "GET":
            return self._generation(path.removeprefix(GENERATIONS))
        return self.chats.answer(request.method, path, content) or problem(404, "not_found")

    def _generation(self, generation_id: str) -> Reply:
        nothing = {"status": "processing", "attempt": 1, "offset": 0, "text": "", "length": 0}
        for chat in self.chats.chats.values():
            for each in chat.messages:
                if each["message_id"] == generation_id:
                    return 200, {**nothing, "status": each["status"], "text": each["text"]}
        return 200, nothing

    async def _messages(self, *_: object) -> AsyncGenerator[Json]:
        broken = partial(OSError, "out")
        await self._way(broken)
        if not self.opens_sockets:
            await asyncio.sleep(10)
            raise TimeoutError
        socket: asyncio.Queue[Json | None] = asyncio.Queue()
        self._sockets.add(socket)
        try:
            await self._way(broken)
            yield {"type": "system", "status": "connected"}
            while (message := await socket.get()) is not None:
                await self._way(broken)
                yield message
            raise broken()
        finally:
            self._sockets.discard(socket)
