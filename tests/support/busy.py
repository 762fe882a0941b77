"""Tries again what a busy machine refuses, as docs/protocol.md tells clients; another refusal is shown."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus

PATIENCE = 60
"""Seconds in which a function must have begun to answer: several deployments may come up beside it."""
TRYING = 180
"""Seconds in which something is tried again: the gateway gives up after 28 what has not begun."""
IsExplained = Callable[[], object]
"""Says whether the test itself has broken something, so that a refusal is an answer like any other."""


def by_nothing() -> bool:
    """Where no test breaks anything, a server's error comes from a busy machine."""
    return False


async def connected(url: str, *, is_explained: IsExplained = by_nothing, **options: Any) -> ClientConnection:
    """Open a socket; try again while something is too busy to let it in."""
    give_up = time.monotonic() + TRYING
    while True:
        try:
            return await connect(url, open_timeout=PATIENCE, **options)
        except InvalidStatus as refusal:
            if refusal.response.status_code < 500 or time.monotonic() > give_up or is_explained():
                raise
        await asyncio.sleep(1)


async def decided(
    ask: Callable[[], Awaitable[httpx.Response]], *, is_explained: IsExplained = by_nothing
) -> httpx.Response:
    """Ask until nothing is too busy to answer. A prompt needs a key for that."""
    give_up = time.monotonic() + TRYING
    while (reply := await ask()).is_server_error and time.monotonic() < give_up and not is_explained():
        await asyncio.sleep(1)
    return reply


async def accepting(
    post: Callable[[], Awaitable[httpx.Response]], *, is_explained: IsExplained = by_nothing
) -> httpx.Response:
    """Post what must be accepted."""
    reply = await decided(post, is_explained=is_explained)
    assert reply.status_code == httpx.codes.ACCEPTED, f"refused with {reply.status_code}: {reply.text}"
    return reply


def await_that(holds: Callable[[], object]) -> None:
    """Wait for something to become true."""
    give_up = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < give_up, "it did not become true"
        time.sleep(0.1)
