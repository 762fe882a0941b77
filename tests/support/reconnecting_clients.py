"""Many clients at once, all of them stubborn."""

from __future__ import annotations

import asyncio
import random
from collections import Counter

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidMessage, InvalidStatus

from tests.support.listener import Site


class ReconnectingClients:
    """Clients that come back whenever they are cut off or refused, after a pause that chance decides."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.open: dict[ClientConnection, str] = {}
        self.refused = 0
        self.most = 0

    async def stay(self, user_id: str) -> None:
        while True:
            try:
                async with connect(
                    self.site.socket_url(user_id),
                    origin=self.site.origin,  # type: ignore[arg-type]
                    open_timeout=60,
                ) as socket:
                    self.open[socket] = user_id
                    self.most = max(self.most, *Counter(self.open.values()).values())
                    try:
                        await socket.wait_closed()
                    finally:
                        self.open.pop(socket, None)
            except InvalidStatus:
                self.refused += 1
            except (ConnectionClosed, InvalidMessage, OSError):
                pass
            await asyncio.sleep(random.uniform(0.2, 2))  # noqa: S311  jitter

    def cut_off(self) -> None:
        for socket in list(self.open):
            socket.transport.abort()
        self.open.clear()

    async def is_whole(self, wanted: dict[str, int]) -> None:
        async with asyncio.timeout(120):
            while len(self.open) < sum(min(count, 3) for count in wanted.values()):
                await asyncio.sleep(0.05)
