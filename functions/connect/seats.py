"""How many sockets a user may hold at once: as many as there are seats, and who sits where.

A seat is free if nobody holds it or its holder's time is over. When all are taken, holders that the gateway
no longer knows make way; then, if the deployment says so, the one who has been there longest.
"""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

from functions.shared.errors import TooManyConnections, Unavailable
from functions.shared.messages import Closing

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from functions.shared.connections import Connection, Slot

# API Gateway answers "gone" for a connection whose handshake has not ended, and a handshake may take 29 s.
HANDSHAKE = timedelta(seconds=30)
ATTEMPTS = 8


class Registry(Protocol):
    """Where slots are kept."""

    def slots(self, user_id: str) -> list[Slot]: ...

    def claim(
        self, connection: Connection, slot: int, *, now: datetime, instead_of: str | None = None
    ) -> bool: ...


class Sockets(Protocol):
    """The sockets themselves."""

    def is_gone(self, connection_id: str) -> bool: ...

    def dismiss(self, connection_id: str, closing: Closing, *, now: datetime) -> object: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Seats:
    """The seats of every user."""

    registry: Registry
    sockets: Sockets
    per_user: int
    evicts_oldest: bool
    sleep: Callable[[float], None] = time.sleep

    def seat(self, connection: Connection, *, now: datetime) -> None:
        """Give a connection a seat.

        Raises:
            TooManyConnections: If all are taken by live connections.
            Unavailable: If rivals were faster again and again.
        """
        for attempt in range(ATTEMPTS):
            slots = self.registry.slots(connection.user_id)
            live = [slot for slot in slots if slot.connection.expires_at > now]
            taken = {slot.number for slot in live}
            free = [number for number in range(self.per_user) if number not in taken]
            if len(live) >= self.per_user or not free:
                self._replace(connection, live, now)
                return
            number = random.choice(free)  # noqa: S311  spreads rivals, is no secret
            if self.registry.claim(connection, number, now=now):
                self._see_off(slots, number, now)
                return
            self.sleep(random.uniform(0, 0.02 * 2**attempt))  # noqa: S311  jitter
        raise Unavailable("registry_contended")

    def _see_off(self, slots: list[Slot], number: int, now: datetime) -> None:
        """Close the socket of a holder whose time was over: a seat is one socket, not one record."""
        for slot in slots:
            if slot.number == number:
                self.sockets.dismiss(slot.connection.connection_id, Closing.EXPIRED, now=now)

    def _replace(self, connection: Connection, live: list[Slot], now: datetime) -> None:
        """Take over the seat of a holder that is gone, the oldest first, or of the oldest of all."""
        oldest_first = sorted(live, key=lambda slot: slot.connection.connected_at)
        for slot in oldest_first:
            holder = slot.connection
            is_settled = now - holder.connected_at > HANDSHAKE
            if (
                is_settled
                and self.sockets.is_gone(holder.connection_id)
                and self._take(slot, connection, now)
            ):
                return
        for slot in oldest_first if self.evicts_oldest else ():
            if self._take(slot, connection, now):
                self.sockets.dismiss(slot.connection.connection_id, Closing.REPLACED, now=now)
                return
        raise TooManyConnections("cap")

    def _take(self, slot: Slot, connection: Connection, now: datetime) -> bool:
        holder = slot.connection.connection_id
        return self.registry.claim(connection, slot.number, now=now, instead_of=holder)
