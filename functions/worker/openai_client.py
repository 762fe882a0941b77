"""A server that speaks OpenAI's chat completions, over HTTP: one request, no retries, no redirect.

The prompt and the keys are for the server that the settings name. `allow_redirects=False` is what keeps them
there: a client takes only `Authorization` out of what it sends to another server.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from multidict import CIMultiDict
from yarl import URL

from functions.worker.http_client import http_client

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from contextlib import AbstractAsyncContextManager
    from datetime import timedelta

    import aiohttp

CONNECT = 5.0  # seconds
FIXED = {
    "Accept": "application/json",
    "Accept-Encoding": "identity",  # A compressed stream arrives in lumps.
    "Content-Type": "application/json",
    "User-Agent": "framestream",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAIClient:
    """One server, and what it is shown."""

    http: aiohttp.ClientSession
    url: URL
    key: str | Callable[[], Awaitable[str]] = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)

    async def request_headers(self, more: Mapping[str, str]) -> CIMultiDict[str]:
        """Return what is sent with a request.

        Raises:
            ValueError: If a header cannot hold what it should.
        """
        headers = CIMultiDict(FIXED)
        key = self.key if isinstance(self.key, str) else await self.key()
        if key:
            headers["Authorization"] = f"Bearer {key}"
        headers.update(self.headers)
        headers.update(more)
        for value in headers.values():
            if not (value.isascii() and value.replace("\t", " ").isprintable()):
                raise ValueError("a header holds what HTTP cannot carry")
        return headers

    def post(
        self, body: dict[str, Any], headers: CIMultiDict[str]
    ) -> AbstractAsyncContextManager[aiohttp.ClientResponse]:
        """Ask for a completion; leaving the context early closes the connection.

        Raises:
            UnicodeError: If JSON cannot carry the prompt.
        """
        data = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        return self.http.post(self.url, data=data, headers=headers, allow_redirects=False)


def openai_client(
    *,
    base_url: str,
    key: str | Callable[[], Awaitable[str]],
    longest: timedelta,
    headers: Mapping[str, str] | None = None,
    query: Mapping[str, str] | None = None,
) -> OpenAIClient:
    """Make a client that asks once, and waits for as long as the caller does.

    Args:
        base_url: The server, up to `/chat/completions`.
        key: What the server is shown.
        longest: How long an answer may take as a whole.
        headers: Sent with each request.
        query: Appended to each address.
    """
    url = URL(base_url)
    return OpenAIClient(
        http=http_client(connect=CONNECT, read=longest.total_seconds()),
        url=url.with_path(
            f"{url.raw_path.rstrip('/')}/chat/completions", encoded=True, keep_query=True
        ).update_query(query or {}),
        key=key,
        headers=headers or {},
    )
