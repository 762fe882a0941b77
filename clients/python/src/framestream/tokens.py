"""Where tokens come from: one is used until the server refuses it."""

from __future__ import annotations

import asyncio
import base64
import inspect
import json
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from framestream.errors import Refused

TokenSource: TypeAlias = str | Callable[[], str | Awaitable[str]]
USER_CLAIMS = ("sub", "user_id")


class Tokens:
    """The present token, and a way to the next."""

    def __init__(self, source: TokenSource) -> None:
        self._source = source
        self._token: str | None = None
        self._asking = asyncio.Lock()

    async def current(self) -> str:
        """The present token; the source is asked for the first one."""
        return self._token or await self.fresh(None)

    async def fresh(self, stale: str | None) -> str:
        """A token instead of this one; the source is asked once, however many find theirs to be stale."""
        async with self._asking:
            if self._token is None or self._token == stale:
                self._token = await self._ask()
            return self._token

    async def _ask(self) -> str:
        if isinstance(self._source, str):
            return self._source
        try:
            token = self._source()
            return await token if inspect.isawaitable(token) else token
        except Exception as error:  # It is the application's own, and may raise anything.
            raise Refused(f"There is no token: {error}", code=4001) from error


def user_of(token: str) -> str | None:
    """Read whom a token names, without any check: that is the server's business."""
    try:
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        named = [claims[claim] for claim in USER_CLAIMS if isinstance(claims.get(claim), str)]
    except (AttributeError, IndexError, ValueError):
        return None
    return named[0] if named else None
