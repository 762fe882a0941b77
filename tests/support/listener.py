"""A client made from the wire contract alone: it knows docs/protocol.md and endpoints.json, not our code."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import httpx
import jwt
from websockets.asyncio.client import ClientConnection

from tests.support.busy import PATIENCE, IsExplained, accepting, by_nothing, connected, decided
from tests.support.contract import check_body, check_message
from tests.support.heard import Heard

CLAIM = "canary-claim-6204"
"""Stands in every token, and in no log: tests/support/canaries.py looks for it."""


class Unavailable(Exception):
    """The service says that something it depends on is down, and to ask again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A deployment, as `endpoints.json` describes it."""

    websocket_url: str
    http_url: str
    jwt_secret: str = field(repr=False)
    origin: str
    llm_base_url: str = ""
    table_name: str = ""
    queue_url: str = ""
    dead_letter_queue_url: str = ""
    aws_endpoint_url: str = ""
    region: str = ""
    page_url: str = ""

    def token(self, user_id: str, **claims: Any) -> str:
        """Issue a token as the customer's own back end would."""
        now = int(time.time())
        named = {"sub": user_id, "iat": now, "exp": now + 3600, "jti": CLAIM, **claims}
        return jwt.encode(named, self.jwt_secret, "HS256")

    def socket_url(self, user_id: str, **query: str) -> str:
        """Where a user's socket opens."""
        parameters = {"user_id": user_id, "token": self.token(user_id), **query}
        return f"{self.websocket_url}?{urlencode(parameters)}"

    def headers(self, user_id: str) -> dict[str, str]:
        """What a page sends with an HTTP request."""
        return {"Authorization": f"Bearer {self.token(user_id)}", "Origin": self.origin}


@dataclass(slots=True)
class Listener:
    """One open socket and everything that came through it."""

    user_id: str
    socket: ClientConnection
    messages: list[dict[str, Any]] = field(default_factory=list)
    generations: dict[str, Heard] = field(default_factory=dict)
    largest: int = 0

    async def listen(self) -> None:
        """Take messages until the socket closes."""
        async for data in self.socket:
            assert isinstance(data, str), "a binary frame"
            self.largest = max(self.largest, len(data.encode()))
            message = json.loads(data)
            check_message(message)
            self.messages.append(message)
            if message.get("type", "").startswith("llm_"):
                assert message["user_id"] == self.user_id, "another user's message"
                self.generations.setdefault(message["generation_id"], Heard()).take(message)

    async def until(self, condition: Callable[[], object], *, seconds: float = PATIENCE) -> None:
        """Wait for something to be true of what was heard."""
        async with asyncio.timeout(seconds):
            while not condition():
                await asyncio.sleep(0.01)

    async def hear(self, generation_id: str, *, seconds: float = PATIENCE) -> Heard:
        """Wait for the end of a generation."""
        await self.until(
            lambda: generation_id in self.generations and self.generations[generation_id].is_final,
            seconds=seconds,
        )
        return self.generations[generation_id]

    async def say(self, message: object) -> dict[str, Any]:
        """Send something and wait for the next system message or pong."""
        before = len(self._answers())
        await self.socket.send(message if isinstance(message, str | bytes) else json.dumps(message))
        await self.until(lambda: len(self._answers()) > before)
        return self._answers()[before]

    def _answers(self) -> list[dict[str, Any]]:
        return [message for message in self.messages if message.get("type") in {"system", "pong"}]


@asynccontextmanager
async def listening(
    site: Site, user_id: str, *, url: str | None = None, is_explained: IsExplained = by_nothing
) -> AsyncIterator[Listener]:
    """Open a socket as a page of the allowed origin would."""
    address = url or site.socket_url(user_id)
    async with await connected(
        address, is_explained=is_explained, origin=site.origin, max_size=40_000
    ) as socket:
        listener = Listener(user_id, socket)
        task = asyncio.create_task(listener.listen())
        try:
            yield listener
        finally:
            task.cancel()
            [ended] = await asyncio.gather(task, return_exceptions=True)
            if isinstance(ended, AssertionError):
                raise ended  # A message that must not have come; the test may have waited for it in vain.


async def accepted(http: httpx.AsyncClient, site: Site, user_id: str, prompt: str) -> dict[str, Any]:
    """Post a prompt that must be accepted. Returns the reply's body."""
    key = uuid.uuid4().hex
    reply = await accepting(lambda: ask(http, site, user_id, prompt, **{"Idempotency-Key": key}))
    body: dict[str, Any] = reply.json()
    return body


async def ask(
    http: httpx.AsyncClient, site: Site, user_id: str, prompt: str, **headers: str
) -> httpx.Response:
    """Post a prompt, in a chat of its own: a chat has one answer at a time."""
    chat_id = f"chat of {headers.get('Idempotency-Key') or uuid.uuid4().hex}"
    return await post_prompt(http, site, user_id, {"chat_id": chat_id, "prompt": prompt}, headers)


async def post_prompt(
    http: httpx.AsyncClient,
    site: Site,
    user_id: str,
    fields: Mapping[str, str],
    headers: Mapping[str, str],
) -> httpx.Response:
    """Post a prompt with these fields."""
    body = {"user_id": user_id, **fields}
    check_body("GenerateRequest", body)
    reply = await http.post(
        f"{site.http_url}/api/chat/generate-response",
        json=body,
        headers={**site.headers(user_id), **headers},
    )
    if reply.status_code == httpx.codes.ACCEPTED:
        check_body("Accepted", reply.json())
    return reply


async def read(
    http: httpx.AsyncClient,
    site: Site,
    user_id: str,
    generation_id: str,
    *,
    is_explained: IsExplained = by_nothing,
    **query: int,
) -> dict[str, Any]:
    """Fetch a generation."""
    url = f"{site.http_url}/api/chat/generations/{generation_id}"
    reply = await decided(
        lambda: http.get(url, params=query, headers=site.headers(user_id)), is_explained=is_explained
    )
    if reply.is_server_error:
        raise Unavailable(reply.text)
    assert reply.status_code == httpx.codes.OK, reply.text
    answer: dict[str, Any] = reply.json()
    check_body("GenerationState", answer)
    return answer
