"""Validates the client's http_url before anything is sent."""

from __future__ import annotations

import httpx

from framestream.errors import Misused

RULE = "http_url must be the stack's output HttpUrl, such as https://abc123.execute-api.eu-central-1.amazonaws.com"


def base_url(http_url: object) -> str:
    """The deployment's HTTP API, without a slash at its end.

    Raises:
        Misused: If it is not a valid HTTP address.
    """
    if not isinstance(http_url, str) or not http_url.strip():
        raise Misused(f"{RULE}; it is {'empty' if isinstance(http_url, str) else type(http_url).__name__}.")
    try:
        url = httpx.URL(http_url.strip())
    except httpx.InvalidURL as error:
        raise Misused(f"{RULE}; this is no URL: {error}.") from error
    if complaint := _complaint(url):
        raise Misused(f"{RULE}; {complaint}.")
    return str(url).rstrip("/")


def _complaint(url: httpx.URL) -> str | None:
    if url.scheme in {"ws", "wss"}:
        return "this is the address of sockets (WebSocketUrl)"
    if url.scheme not in {"http", "https"} or not url.host:
        return "it must begin with https:// (or http://, on one machine)"
    if url.userinfo or url.query or url.fragment:
        return "a user, a query or a fragment has no place in it"
    if "/api/chat" in url.path or url.path.rstrip("/").endswith(("/api", "/health")):
        return "the paths of the API are added to it, so leave them out"
    return None
