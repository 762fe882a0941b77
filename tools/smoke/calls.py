"""HTTP calls as a check needs them, with sentences about replies that are not as they must be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx

from framestream.api import Api
from framestream.tokens import Tokens
from tools.smoke.findings import FailedError

if TYPE_CHECKING:
    from tools.smoke.site import Site

REASONS = {
    401: "the token is refused: is it of this identity provider, does it name the right audience and issuer, "
    "and has the provider the secret or key of this deployment?",
    403: "not allowed: is the page among allowed_origins, and the user the token's own?",
    404: "no such path: is HttpUrl the address of this stack's HTTP API?",
    429: "too much was asked: wait a minute, or close other sockets of this user.",
    500: "the function failed: its log says why (the alarm GenerateErrors tells too).",
    503: "the gateway or the function cannot serve now: is the account's Lambda concurrency used up?",
}


def api_of(site: Site) -> Api:
    """Return the calls of the Python client, in the name of the user."""
    return Api(site.http, Tokens(site.token))


async def call(
    site: Site, method: str, path: str, *, with_token: bool = True, headers: dict[str, str] | None = None
) -> httpx.Response:
    """Call.

    Raises:
        FailedError: If nothing answered.
    """
    bearer = {"Authorization": f"Bearer {site.token}"} if with_token else {}
    try:
        return await site.http.request(method, path, headers={**bearer, **(headers or {})})
    except httpx.RequestError as error:
        raise FailedError(
            f"{site.http_url} does not answer ({type(error).__name__}): does its name resolve, and is it "
            "this stack's HttpUrl?"
        ) from error


def expect(reply: httpx.Response, status: int, what: str) -> dict[str, Any]:
    """Return the JSON object of a reply with this status.

    Raises:
        FailedError: If it has another status, or is no JSON object.
    """
    if reply.status_code != status:
        raise FailedError(
            f"{what} was answered {reply.status_code}, not {status}: "
            f"{REASONS.get(reply.status_code, 'the contract does not know this.')}{_detail(reply)}"
        )
    body = _json(reply)
    if body is None:
        raise FailedError(
            f"{what} was answered {status}, but with no JSON object: does framestream answer here?"
        )
    return body


def _detail(reply: httpx.Response) -> str:
    detail = (_json(reply) or {}).get("detail")
    return f" It says: {detail}" if isinstance(detail, str) else ""


def _json(reply: httpx.Response) -> dict[str, Any] | None:
    try:
        body = reply.json()
    except ValueError:
        return None
    return body if isinstance(body, dict) else None
