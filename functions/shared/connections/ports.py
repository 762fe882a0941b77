"""What is needed to admit, list and close sockets: where slots and tickets are kept, and the sockets.

An adapter of one AWS service stands behind each; tests have theirs in memory.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import datetime

    from functions.shared.connections.model import Connection, Slot, SlotClaim
    from functions.shared.connections.tickets import Ticket
    from functions.shared.wire.system import Closing


class Registry(Protocol):
    """Where slots are kept."""

    def slots(self, user_id: str) -> list[Slot]: ...
    def claim(
        self, connection: Connection, slot: int, *, now: datetime, instead_of: str | None = None
    ) -> SlotClaim: ...
    def release(self, connection_id: str) -> object: ...


class Sockets(Protocol):
    """The sockets themselves."""

    def is_gone(self, connection_id: str) -> bool: ...
    def end(self, connection_id: str, closing: Closing, *, now: datetime) -> None: ...
    def dismiss(self, connection_id: str, closing: Closing, *, now: datetime) -> bool: ...


class Tickets(Protocol):
    """Where tickets are recorded and used up."""

    def put(self, secret: str, ticket: Ticket) -> None: ...
    def redeem(self, secret: str, *, origin: str, now: datetime) -> Ticket | None: ...
