"""The HTTP API: tickets, prompts, stored answers, cancellations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx

from framestream.codes import BY_STATUS, FORBIDDEN, Verdict, verdict_on
from framestream.errors import Misused, NotOurs, Refused, Unreachable

if TYPE_CHECKING:
    from framestream.progress import Json
    from framestream.tokens import Tokens

NOT_OURS = "What answers there is not framestream: check http_url, the stack's output HttpUrl."
NO_ORIGIN = " This client sends no Origin; the option `origin` names one that the deployment allows."


@dataclass(frozen=True, slots=True)
class Api:
    """The HTTP calls of one user."""

    http: httpx.AsyncClient
    tokens: Tokens

    async def ticket(self, *, fresh_token: bool = False) -> str:
        """Take a ticket. Returns the URL of the socket, with the ticket in it.

        Raises:
            FrameStreamError: If no ticket was issued.
        """
        if fresh_token:
            await self.tokens.fresh(await self.tokens.current())
        issued = await self.call("POST", "/api/chat/connection-tickets")
        _expect(issued, websocket_url=str, ticket=str)
        try:
            url = httpx.URL(issued["websocket_url"])
        except httpx.InvalidURL as error:
            raise NotOurs(NOT_OURS) from error
        if url.scheme not in {"ws", "wss"} or not url.host:
            raise NotOurs(NOT_OURS)
        return str(url.copy_merge_params({"ticket": issued["ticket"]}))

    async def submit(self, path: str, request: Json, *, key: str) -> Json:
        """Submit a prompt. Repeated with the same key, it is the same generation.

        Returns what the server says of the generation: its id, and where it is in the chat.

        Raises:
            FrameStreamError: If the prompt was not accepted.
        """
        headers = {"Idempotency-Key": key}
        return _expect(await self.call("POST", path, json=request, headers=headers), generation_id=str)

    async def read(self, generation_id: str, *, offset: int = 0, attempt: int = 0) -> Json:
        """Fetch a generation, with its text from an offset on.

        A text that is too long for one reply comes in parts; with a new attempt it starts again.

        Raises:
            FrameStreamError: If it cannot be read.
        """
        position = {"offset": offset, "attempt": attempt}
        state = await self.call("GET", f"/api/chat/generations/{generation_id}", params=position)
        part = _expect(state, status=str, attempt=int, offset=int, text=str)
        if not part.get("has_more"):
            return part
        rest = await self.read(generation_id, offset=part["next_offset"], attempt=part["attempt"])
        if rest["attempt"] != part["attempt"]:
            return rest
        return {**rest, "offset": part["offset"], "text": part["text"] + rest["text"]}

    async def cancel(self, generation_id: str) -> None:
        """Cancel a generation.

        Raises:
            FrameStreamError: If the server refused.
        """
        await self.call("POST", f"/api/chat/generations/{generation_id}/cancel")

    async def call(self, method: str, path: str, **request: Any) -> Json:
        """Call once, and again with a fresh token if the present one was refused.

        Raises:
            FrameStreamError: If it did not succeed.
        """
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
        except httpx.RequestError as error:
            raise Unreachable(f"The server did not answer ({type(error).__name__}).") from error
        except UnicodeEncodeError as error:
            raise Misused("A text cannot be sent: half a character (a lone surrogate) is in it.") from error


def _content(reply: httpx.Response) -> Json:
    try:
        content = reply.json()
    except (ValueError, RecursionError):
        content = None
    body = content if isinstance(content, dict) else {}
    if reply.is_success and body:
        return body
    if reply.status_code < httpx.codes.BAD_REQUEST:
        raise NotOurs(NOT_OURS)
    raise _refusal(reply, body)


def _refusal(reply: httpx.Response, body: Json) -> Refused:
    status, code = reply.status_code, body.get("code")
    verdict = verdict_on(status, code)
    if not isinstance(code, int | str):
        code = BY_STATUS.get(status) or f"http_{status}"
    errors = [error for error in _list(body.get("errors")) if isinstance(error, dict)]
    sentence = _sentence(body, errors) or f"The server refused ({status})."
    if code == FORBIDDEN and "origin" not in reply.request.headers:
        sentence += NO_ORIGIN
    refused = Refused(
        sentence,
        code=code,
        retryable=verdict is not Verdict.NEVER,
        retry_after=_seconds(reply.headers.get("retry-after")),
        status=status,
        errors=errors,
        problem=body,
    )
    refused.verdict = verdict
    return refused


def _expect(content: Json, **types: type) -> Json:
    if all(isinstance(content.get(name), kind) for name, kind in types.items()):
        return content
    raise NotOurs(NOT_OURS)


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _sentence(body: Json, errors: list[Json]) -> str:
    fields = "; ".join(f"{error.get('field')} {error.get('message')}" for error in errors)
    detail = str(body.get("detail") or "")
    return f"{detail} ({fields})" if fields else detail


def _seconds(text: str | None) -> float | None:
    return float(text) if text and text.isdecimal() else None
