"""The openai SDK's client as the worker uses it: one request, no retries, no time limit of its own."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

import httpx2
import openai

from functions.worker.error_bodies import bound_error_body

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from datetime import timedelta

CONNECT = 5.0  # seconds
PLAIN = {"Accept-Encoding": "identity"}
"""A compressed stream arrives in lumps."""


def openai_client(
    *,
    base_url: str,
    key: str | Callable[[], Awaitable[str]],
    longest: timedelta,
    headers: Mapping[str, str] = MappingProxyType({}),
    query: Mapping[str, str] = MappingProxyType({}),
) -> openai.AsyncOpenAI:
    """Make a client that asks once, and waits for as long as the caller does.

    It follows no redirect: the prompt and the keys are for the server that the settings name. An SDK's own
    client takes only `Authorization` out of what it sends to another server.

    Args:
        base_url: The server, up to `/chat/completions`.
        key: What the server is shown.
        longest: How long an answer may take as a whole.
        headers: Sent with each request.
        query: Appended to each address.
    """
    timeout = httpx2.Timeout(longest.total_seconds(), connect=CONNECT)
    return openai.AsyncOpenAI(
        api_key=key,
        base_url=base_url,
        max_retries=0,
        default_headers={**PLAIN, **headers},
        default_query=query,
        http_client=openai.DefaultAsyncHttpxClient(
            timeout=timeout, follow_redirects=False, event_hooks={"response": [bound_error_body]}
        ),
    )
