"""A valid admission and a valid handshake; a test changes the one thing that it is about."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from functions.connect.admission import Admission
from functions.connect.handshake import Handshake
from functions.connect.slot_assignment import Registry, SlotAssignment
from functions.shared.origins import OriginAllowList
from tests.support.builders import LIFETIME, NOON, ORIGIN, USER
from tests.support.tokens import token, verifier

if TYPE_CHECKING:
    from collections.abc import Container

    from functions.shared.connections.tickets import Ticket
    from functions.shared.wire.system import Closing


class NoTickets:
    """Tickets, of which none are out."""

    def redeem(self, _secret: str, **_: Any) -> Ticket | None:
        return None


@dataclass
class FakeSockets:
    """Sockets, some of which have gone; it remembers whom it was told to close, and why."""

    gone: Container[str] = ()
    dismissed: dict[str, Closing] = field(default_factory=dict)

    def is_gone(self, connection_id: str) -> bool:
        return connection_id in self.gone

    def dismiss(self, connection_id: str, closing: Closing, *, now: datetime) -> None:
        self.dismissed[connection_id] = closing


def admission(registry: Registry, *, gone: Container[str] = (), **changes: Any) -> Admission:
    """Three slots for everyone from ORIGIN, without any waiting."""
    valid: dict[str, Any] = {
        "tokens": verifier(),
        "origins": OriginAllowList(frozenset({ORIGIN})),
        "tickets": NoTickets(),
        "lifetime": LIFETIME,
        "token_grace": LIFETIME,
    }
    slots: dict[str, Any] = {
        "registry": registry,
        "sockets": FakeSockets(gone),
        "per_user": 3,
        "evicts_oldest": False,
        "measure": lambda _connections: None,
        "sleep": lambda _seconds: None,
    }
    mine = {name: changes.pop(name) for name in list(changes) if name in slots}
    return Admission(slot_assignment=SlotAssignment(**slots | mine), **valid | changes)


def handshake(
    connection_id: str = "new", *, user_id: str | None = USER, at: datetime = NOON, **changes: Any
) -> Handshake:
    """A handshake of a user who shows a token of their own in the query."""
    valid: dict[str, Any] = {"origin": ORIGIN, "token": token(at=at, sub=user_id or USER), "ticket": None}
    return Handshake(connection_id=connection_id, user_id=user_id, **valid | changes)
