"""The user's connections as the worker reads them: what AWS does not answer is Unavailable."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from functions.shared.aws import outages

if TYPE_CHECKING:
    from datetime import datetime

    from functions.shared.connections.model import Connection
    from functions.shared.connections.store import ConnectionStore


@dataclass(frozen=True, slots=True)
class ConnectionRegistry:
    """Who listens, through outages that its caller can wait for."""

    connections: ConnectionStore

    def of_user(self, user_id: str, *, now: datetime) -> list[Connection]:
        """List a user's open connections.

        Raises:
            Unavailable: If they could not be read.
        """
        with outages():
            return self.connections.of_user(user_id, now=now)

    def release(self, connection_id: str) -> bool:
        """Forget a connection. Returns whether it was known.

        Raises:
            Unavailable: If that could not be done.
        """
        with outages():
            return self.connections.release(connection_id) is not None
