"""Whether a socket is worth waiting for: a chat that is read before it opens has to be read again then."""

from __future__ import annotations

import asyncio

from framestream.connection import Phase

PATIENCE = 4.0
"""Seconds that a socket is waited for once its ticket is there: a handshake, and the start of a function."""


class Readiness:
    """Follows the attempts to open a socket.

    As long as nothing can be reached, a chat cannot be read either, so the next attempt is waited for. Once
    the server answers, the socket opens soon, or it is known that it does not.
    """

    def __init__(self) -> None:
        self._is_known = asyncio.Event()
        self._timer: asyncio.TimerHandle | None = None

    async def wait(self) -> None:
        """Wait until the socket is open, or the server answers and the socket does not open soon."""
        await self._is_known.wait()

    def on_phase(self, phase: Phase) -> None:
        """The connection's phase has changed."""
        self._stop_timer()
        if phase is Phase.CONNECTING:
            self._is_known.clear()
        elif phase is not Phase.WAITING:
            self._is_known.set()

    def on_ticket(self) -> None:
        """The server gave a ticket."""
        self._stop_timer()
        self._timer = asyncio.get_running_loop().call_later(PATIENCE, self._is_known.set)

    def on_refusal(self) -> None:
        """The server, or something before it, refused the socket."""
        self._is_known.set()

    def _stop_timer(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None
