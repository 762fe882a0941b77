"""Sockets as a check needs them: how a handshake was refused, what came, and how it was closed."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus
from websockets.typing import Origin, Subprotocol

from framestream.websocket_messages import HEARTBEAT, LIBRARY_LOGGER, message_from
from tools.smoke.findings import FailedError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from tools.smoke.site import Site

ANSWER_SECONDS = 15.0
"""How long the answer to a message may take; a cold start is among it."""
MAX_BYTES = 2**20


class RefusedError(Exception):
    """A handshake that was refused."""

    def __init__(self, status: int, body: bytes) -> None:
        super().__init__(f"status {status}")
        self.status = status
        self.body = body

    @property
    def code(self) -> object:
        """The code in the body; None if there is no such body."""
        try:
            content = json.loads(self.body)
        except ValueError:
            return None
        return content.get("code") if isinstance(content, dict) else None


@dataclass(slots=True)
class Socket:
    """An open socket and what came through it."""

    connection: ClientConnection
    messages: list[dict[str, Any]] = field(default_factory=list)
    largest: int = 0
    """Bytes of the longest message."""

    @property
    def subprotocol(self) -> str | None:
        return self.connection.subprotocol

    async def next(self) -> dict[str, Any]:
        """Wait for the next message of the contract.

        Raises:
            FailedError: If none came, or the socket was closed.
        """
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                while True:
                    data = await self.connection.recv()
                    if message := message_from(data):
                        self.largest = max(self.largest, len(str(data).encode()))
                        self.messages.append(message)
                        return message
        except TimeoutError:
            raise FailedError(f"Nothing came for {ANSWER_SECONDS:g} s.") from None
        except ConnectionClosed as error:
            raise FailedError(f"The socket was closed with {closed_with(error)}.") from error

    async def say(self, kind: str) -> dict[str, Any]:
        """Send a keep-alive and return what answers it."""
        await self.connection.send(HEARTBEAT if kind == "heartbeat" else json.dumps({"type": kind}))
        return await self.until(lambda message: message["type"] in {"system", "pong"})

    async def until(self, is_wanted: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
        """Wait for a certain message."""
        while not is_wanted(message := await self.next()):
            pass
        return message

    async def close_code(self) -> int | None:
        """Wait for the other side to close, and return its code; None if it does not."""
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                while True:
                    await self.connection.recv()
        except TimeoutError:
            return None
        except ConnectionClosed as error:
            return error.rcvd.code if error.rcvd else 1006


@asynccontextmanager
async def opened(
    site: Site,
    *,
    url: str | None = None,
    origin: str | None = None,
    token: str | None = None,
    subprotocols: Sequence[str] = (),
) -> AsyncIterator[Socket]:
    """Open a socket; without a URL of its own, and without subprotocols, with the token in a header.

    Raises:
        RefusedError: If the handshake was refused.
        FailedError: If there was none.
    """
    in_header = url is None and not subprotocols
    bearer = {"Authorization": f"Bearer {token or site.token}"} if in_header else {}
    try:
        async with connect(
            url or site.websocket_url,
            origin=Origin(origin or site.origin),
            additional_headers=bearer,
            subprotocols=[Subprotocol(name) for name in subprotocols] or None,
            open_timeout=30,
            close_timeout=2,
            max_size=MAX_BYTES,
            logger=LIBRARY_LOGGER,
            proxy=None if site.is_local else True,
        ) as connection:
            yield Socket(connection)
    except InvalidStatus as error:
        raise RefusedError(error.response.status_code, bytes(error.response.body)) from error
    except (OSError, InvalidHandshake) as error:
        raise FailedError(f"No socket could be opened at {site.websocket_url}: {_reason(error)}.") from error


def closed_with(error: ConnectionClosed) -> str:
    """Return the close code for people."""
    return str(error.rcvd.code) if error.rcvd else "no code, as a lost connection"


def _reason(error: Exception) -> str:
    return str(error) or type(error).__name__
