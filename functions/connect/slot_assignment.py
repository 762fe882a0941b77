"""Assigns each new connection one of its user's slots: as many sockets as there are slots.

A slot is free if it has no holder or its holder has expired. When all are taken, a holder that the gateway no
longer knows is replaced; then, if the deployment says so, the oldest.
"""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from functions.shared.connections.model import LONGEST_HANDSHAKE, SlotClaim
from functions.shared.errors import TooManyConnections, Unavailable
from functions.shared.retry import Retry
from functions.shared.wire.system import Closing

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from functions.connect.settings import ConnectOptions
    from functions.shared.connections.model import Connection, Slot
    from functions.shared.connections.ports import Registry, Sockets

CONTENDED = Retry(attempts=8, first=0.02, longest=2)
THROTTLED = Retry(attempts=8, first=0.1, longest=2)
"""All attempts end well within the 29 s that API Gateway waits for a handshake."""
BUSY = {SlotClaim.CONFLICT, SlotClaim.THROTTLED}
"""Results that leave open which connection holds the slot: read the slots again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotAssignment:
    """Assigns slots to the connections of all users."""

    registry: Registry
    sockets: Sockets
    options: ConnectOptions
    measure: Callable[[int], object]
    """Takes how many connections the user has with a new one."""
    sleep: Callable[[float], None] = time.sleep

    def assign(self, connection: Connection, *, now: datetime) -> None:
        """Give a connection a slot.

        Raises:
            TooManyConnections: If all are taken by live connections.
            Unavailable: If rivals were faster, or the table was busy, again and again.
        """
        claim = SlotClaim.LOST
        for failures in range(CONTENDED.attempts):
            if failures:
                retry = THROTTLED if claim is SlotClaim.THROTTLED else CONTENDED
                self.sleep(retry.pause(failures - 1))
            claim = self._try(connection, now)
            if claim:
                return
        raise Unavailable("registry_throttled" if claim is SlotClaim.THROTTLED else "registry_contended")

    def _try(self, connection: Connection, now: datetime) -> SlotClaim:
        slots = self.registry.slots(connection.user_id)
        live = [slot for slot in slots if slot.connection.expires_at > now]
        taken = {slot.number for slot in live}
        free = [number for number in range(self.options.connections_per_user) if number not in taken]
        if len(live) >= self.options.connections_per_user or not free:
            claim = self._replace(connection, live, now)
        else:
            claim = self._occupy(random.choice(free), connection, slots, now)  # noqa: S311  spreads rivals
        if claim:
            self.measure(min(len(live) + 1, self.options.connections_per_user))
        return claim

    def _occupy(self, number: int, connection: Connection, slots: list[Slot], now: datetime) -> SlotClaim:
        """Take a slot that is free, or whose holder has expired."""
        claim = self.registry.claim(connection, number, now=now)
        if claim:
            self._close_expired(slots, number, now)
        return claim

    def _close_expired(self, slots: list[Slot], number: int, now: datetime) -> None:
        """Close the socket of a holder that had expired: a slot is one socket, not one record."""
        for slot in slots:
            if slot.number == number:
                self.sockets.dismiss(slot.connection.connection_id, Closing.EXPIRED, now=now)

    def _replace(self, connection: Connection, live: list[Slot], now: datetime) -> SlotClaim:
        """Take over the slot of a holder that is gone, the oldest first, or of the oldest of all."""
        oldest_first = sorted(live, key=lambda slot: slot.connection.connected_at)
        for slot in filter(lambda slot: self._is_gone(slot, now), oldest_first):
            claim = self._take(slot, connection, now)
            if claim or claim in BUSY:
                return claim
        for slot in oldest_first if self.options.evicts_oldest else ():
            claim = self._take(slot, connection, now)
            if claim:
                self.sockets.dismiss(slot.connection.connection_id, Closing.REPLACED, now=now)
            if claim or claim in BUSY:
                return claim
        raise TooManyConnections("cap")

    def _is_gone(self, slot: Slot, now: datetime) -> bool:
        holder = slot.connection
        return now - holder.connected_at > LONGEST_HANDSHAKE and self.sockets.is_gone(holder.connection_id)

    def _take(self, slot: Slot, connection: Connection, now: datetime) -> SlotClaim:
        holder = slot.connection.connection_id
        return self.registry.claim(connection, slot.number, now=now, instead_of=holder)
