"""Tokens: each is used until the server refuses it, then the source is called again."""

from __future__ import annotations

import asyncio
import base64
import inspect
import json
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, TypeAlias

from framestream.codes import TOKEN
from framestream.errors import NoToken, Refused

TokenSource: TypeAlias = str | Callable[[], str | Awaitable[str]]
USER_CLAIMS = ("sub", "user_id")
TIMEOUT = 10.0


class Tokens:
    """The present token, and its refresh."""

    def __init__(self, source: TokenSource, *, timeout: float = TIMEOUT) -> None:
        self._source = source
        self._timeout = timeout
        self._token: str | None = None
        self._refresh: asyncio.Task[str] | None = None

    async def current(self) -> str:
        """The present token; the first one is fetched from the source.

        Raises:
            NoToken: If the source fails, or does not answer in time.
            Refused: If it returns something other than a token.
        """
        return self._token or await self.fresh(None)

    async def fresh(self, stale: str | None) -> str:
        """A token newer than `stale`; concurrent callers share one call of the source."""
        if self._token is not None and self._token != stale:
            return self._token
        if self._refresh is None:
            self._refresh = asyncio.create_task(self._call_source())
            self._refresh.add_done_callback(self._store)
        refresh = self._refresh
        try:
            return await asyncio.shield(refresh)  # Cancelling one caller must not cancel it for the others.
        except asyncio.CancelledError as error:
            this_task = asyncio.current_task()
            if refresh.cancelled() and this_task and not this_task.cancelling():
                raise NoToken("get_token was cancelled.") from error
            raise

    async def close(self) -> None:
        """Cancel a refresh in flight."""
        if self._refresh:
            self._refresh.cancel()
            await asyncio.gather(self._refresh, return_exceptions=True)

    def _store(self, task: asyncio.Task[str]) -> None:
        self._refresh = None
        if not task.cancelled() and not task.exception():
            self._token = task.result()

    async def _call_source(self) -> str:
        if isinstance(self._source, str):
            return _checked(self._source)
        try:
            async with asyncio.timeout(self._timeout) as limit:
                token = await _call(self._source)
        except Exception as error:  # The source is the application's own, and may raise anything.
            if limit.expired():
                raise NoToken(f"get_token did not answer within {self._timeout:g} seconds.") from error
            raise NoToken(f"There is no token: {str(error) or type(error).__name__}") from error
        return _checked(token)


async def _call(source: Callable[[], Any]) -> object:
    """Call a plain or async function. A plain one runs in a thread of its own, because it may block."""
    if inspect.iscoroutinefunction(source):
        return await source()
    token, failure = await _in_a_thread(source)
    if failure:
        raise failure
    return await token if inspect.isawaitable(token) else token


def _in_a_thread(source: Callable[[], Any]) -> asyncio.Future[tuple[Any, Exception | None]]:
    """Like `asyncio.to_thread`, but a function that never returns does not block the program's exit."""
    loop = asyncio.get_running_loop()
    done = loop.create_future()

    def settle(*outcome: Any) -> None:
        if not done.done():
            done.set_result(outcome)

    def run() -> None:
        value, failure = None, None
        try:
            value = source()
        except Exception as error:  # noqa: BLE001  any exception is raised again where the token is awaited
            failure = error
        with suppress(RuntimeError):  # The loop may be closed by now.
            loop.call_soon_threadsafe(settle, value, failure)

    threading.Thread(target=run, name="framestream-get-token", daemon=True).start()
    return done


def _checked(token: object) -> str:
    if not isinstance(token, str):
        raise Refused(f"get_token gave {type(token).__name__} instead of a token, a text.", code=TOKEN)
    token = token.strip()
    if token[:7].lower() == "bearer ":
        raise Refused("get_token must give the token alone, without the word Bearer.", code=TOKEN)
    if not (token.isascii() and token.isprintable()) or " " in token or not token:
        raise Refused("get_token gave a text that is no token: empty, or with odd characters.", code=TOKEN)
    return token


def user_of(token: str) -> str | None:
    """Read the user id from a token, without verifying it: the server does that."""
    try:
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        named = [claims[claim] for claim in USER_CLAIMS if isinstance(claims.get(claim), str)]
    except (AttributeError, IndexError, ValueError):
        return None
    return named[0] if named else None
