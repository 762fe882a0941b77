"""Lists and closes the sockets of one user."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from functions.shared.wire.system import Closing

if TYPE_CHECKING:
    from datetime import datetime

    from functions.shared.connections.model import Connection, Slot


class Registry(Protocol):
    """Where slots are kept."""

    def slots(self, user_id: str) -> list[Slot]: ...

    def release(self, connection_id: str) -> object: ...


class Sockets(Protocol):
    """The sockets themselves."""

    def end(self, connection_id: str, closing: Closing, *, now: datetime) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class UserConnections:
    """The sockets of all users."""

    registry: Registry
    sockets: Sockets

    def of_user(self, user_id: str, *, now: datetime) -> list[Connection]:
        """List a user's open sockets, the oldest first."""
        held = [slot.connection for slot in self.registry.slots(user_id)]
        live = [connection for connection in held if connection.expires_at > now]
        return sorted(live, key=lambda connection: connection.connected_at)

    def close_all(self, user_id: str, *, now: datetime) -> list[str]:
        """Close them, expired ones included, and return their ids."""
        held = [slot.connection.connection_id for slot in self.registry.slots(user_id)]
        for connection_id in held:
            self._close(connection_id, now)
        return held

    def close(self, connection_id: str, *, user_id: str, now: datetime) -> bool:
        """Close one. Returns False if the user has no such connection."""
        slots = self.registry.slots(user_id)
        if all(slot.connection.connection_id != connection_id for slot in slots):
            return False
        self._close(connection_id, now)
        return True

    def _close(self, connection_id: str, now: datetime) -> None:
        """Close first: a slot that is free again must not leave an open socket behind."""
        self.sockets.end(connection_id, Closing.ENDED_BY_USER, now=now)
        self.registry.release(connection_id)
