"""Bedrock's address for models, over HTTP: one signed request, no retries, no redirect, no key."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from yarl import URL

from functions.shared.http_connections import host_of
from functions.shared.signing import Signer
from functions.worker.http_client import http_client

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager
    from datetime import timedelta

    import aiohttp

    from functions.shared.signing import Credentials

CONNECT = 5.0  # seconds
FIXED = {
    "Accept": "application/vnd.amazon.eventstream",
    "Accept-Encoding": "identity",
    "User-Agent": "framestream",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class BedrockClient:
    """Bedrock in one Region, asked as a role."""

    http: aiohttp.ClientSession
    origin: str
    signer: Signer
    credentials: Callable[[], Credentials]
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    def converse(
        self, model_id: str, body: dict[str, Any]
    ) -> AbstractAsyncContextManager[aiohttp.ClientResponse]:
        """Ask for an answer; leaving the context early closes the connection.

        Raises:
            UnicodeError: If JSON cannot carry the prompt.
        """
        data = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        # An id may be an ARN: its colons and slashes are no part of the path.
        path = f"/model/{quote(model_id, safe='')}/converse-stream"
        signed = self.signer.headers("POST", path, data, self.credentials(), now=self.clock())
        url = URL(self.origin + path, encoded=True)
        return self.http.post(url, data=data, headers={**FIXED, **signed}, allow_redirects=False)


def bedrock_client(
    *, region: str, credentials: Callable[[], Credentials], longest: timedelta, endpoint_url: str = ""
) -> BedrockClient:
    """Make a client that asks once, and waits for as long as the caller does.

    Args:
        region: Where the models are asked for.
        credentials: Tells the role's present credentials.
        longest: How long an answer may take as a whole.
        endpoint_url: A stand-in's address; empty: Bedrock's own.
    """
    origin = endpoint_url.rstrip("/") or _endpoint(region)
    signer = Signer(service="bedrock", host=host_of(origin), region=region, content_type="application/json")
    http = http_client(connect=CONNECT, read=longest.total_seconds())
    return BedrockClient(http=http, origin=origin, signer=signer, credentials=credentials)


def _endpoint(region: str) -> str:
    suffix = ".cn" if region.startswith("cn-") else ""
    return f"https://bedrock-runtime.{region}.amazonaws.com{suffix}"
