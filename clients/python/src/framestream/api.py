"""The HTTP API: tickets, prompts, stored answers, cancellations. What may be repeated safely is repeated."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx

from framestream.backoff import Backoff
from framestream.errors import FrameStreamError, Refused, Unreachable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from framestream.progress import Json
    from framestream.tokens import Tokens

ATTEMPTS = 5
PAUSES = Backoff(base=0.5, cap=15)
NOT_OURS = "What answers there is not framestream."
BY_STATUS = {400: 4000, 401: 4001, 403: 4003, 429: 4429, 503: 1013}
"""Codes for answers that are not the function's own, such as API Gateway's."""


@dataclass(frozen=True, slots=True)
class Api:
    """The calls of one user."""

    http: httpx.AsyncClient
    tokens: Tokens
    sleep: Callable[[float], Awaitable[None]] = field(default=asyncio.sleep)

    async def ticket(self, *, fresh_token: bool = False) -> str:
        """Take a ticket. Returns where to open the socket.

        Raises:
            FrameStreamError: If there is none.
        """
        if fresh_token:
            await self.tokens.fresh(await self.tokens.current())
        issued = _having(await self._call("POST", "/api/chat/connection-tickets"), "websocket_url", "ticket")
        return str(httpx.URL(issued["websocket_url"]).copy_merge_params({"ticket": issued["ticket"]}))

    async def submit(self, request: Json, *, key: str) -> Json:
        """Hand in a prompt; with the same key, the same prompt is one generation, however often it is sent.

        Raises:
            FrameStreamError: If it was not accepted.
        """
        headers = {"Idempotency-Key": key}
        path = "/api/chat/generate-response"
        return _having(await self._patiently("POST", path, json=request, headers=headers), "generation_id")

    async def read(self, generation_id: str, *, offset: int = 0, attempt: int = 0) -> Json:
        """Fetch a generation, with its text from an offset on.

        A text that is too long for one answer comes in parts; with a new attempt it starts again.

        Raises:
            FrameStreamError: If it cannot be had.
        """
        position = {"offset": offset, "attempt": attempt}
        state = await self._call("GET", f"/api/chat/generations/{generation_id}", params=position)
        part = _having(state, "status", "attempt", "offset", "text")
        if not part.get("has_more"):
            return part
        rest = await self.read(generation_id, offset=part["next_offset"], attempt=part["attempt"])
        if rest["attempt"] != part["attempt"]:
            return rest
        return {**rest, "offset": part["offset"], "text": part["text"] + rest["text"]}

    async def cancel(self, generation_id: str) -> None:
        """Ask for the end of a generation.

        Raises:
            FrameStreamError: If the server did not take it.
        """
        await self._patiently("POST", f"/api/chat/generations/{generation_id}/cancel")

    async def _patiently(self, method: str, path: str, **request: Any) -> Json:
        for failures in range(1, ATTEMPTS):
            try:
                return await self._call(method, path, **request)
            except FrameStreamError as error:
                if not error.retryable:
                    raise
                pause = PAUSES.pause(failures, random=random.random())  # noqa: S311  jitter
                await self.sleep(max(error.retry_after or 0, pause))
        return await self._call(method, path, **request)

    async def _call(self, method: str, path: str, **request: Any) -> Json:
        """Call once; a second time if there is a newer token than the one that was refused."""
        token = await self.tokens.current()
        reply = await self._send(token, method, path, **request)
        if reply.status_code == httpx.codes.UNAUTHORIZED:
            fresh = await self.tokens.fresh(token)
            if fresh != token:
                reply = await self._send(fresh, method, path, **request)
        return _content(reply)

    async def _send(self, token: str, method: str, path: str, **request: Any) -> httpx.Response:
        headers = {**request.pop("headers", {}), "Authorization": f"Bearer {token}"}
        try:
            return await self.http.request(method, path, headers=headers, **request)
        except httpx.TransportError as error:
            raise Unreachable(f"The server did not answer ({type(error).__name__}).") from error


def _content(reply: httpx.Response) -> Json:
    try:
        content = reply.json()
    except ValueError:
        content = None
    if reply.is_success and isinstance(content, dict):
        return content
    if reply.is_success:
        raise Unreachable(NOT_OURS)
    said = content if isinstance(content, dict) else {}
    status = reply.status_code
    raise Refused(
        _sentence(said) or f"The server refused ({status}).",
        code=said.get("code") or BY_STATUS.get(status) or reply.reason_phrase.lower().replace(" ", "_"),
        retryable=status == httpx.codes.TOO_MANY_REQUESTS or reply.is_server_error,
        retry_after=_seconds(reply.headers.get("retry-after")),
    )


def _having(content: Json, *names: str) -> Json:
    if content.keys() >= set(names):
        return content
    raise Unreachable(NOT_OURS)


def _sentence(said: Json) -> str:
    errors = said.get("errors") or ()
    fields = "; ".join(f"{error.get('field')} {error.get('message')}" for error in errors)
    detail = str(said.get("detail") or "")
    return f"{detail} ({fields})" if fields else detail


def _seconds(text: str | None) -> float | None:
    return float(text) if text and text.isdecimal() else None
