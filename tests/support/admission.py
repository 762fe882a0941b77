"""A valid admission and a valid handshake; a test changes the one thing that it is about."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from functions.connect.admission import Admission
from functions.connect.handshake import Handshake
from functions.connect.settings import ConnectOptions
from functions.connect.slot_assignment import SlotAssignment
from functions.shared.connections.model import Slot, SlotClaim
from functions.shared.origins import OriginAllowList
from tests.support.builders import LIFETIME, NOON, ORIGIN, USER
from tests.support.tokens import token, verifier

if TYPE_CHECKING:
    from collections.abc import Container

    from functions.shared.connections.model import Connection
    from functions.shared.connections.ports import Registry
    from functions.shared.connections.tickets import Ticket
    from functions.shared.wire.system import Closing


OPTIONS = ConnectOptions(token_grace_seconds=int(LIFETIME.total_seconds()))


@dataclass
class FakeRegistry:
    """Slots in memory; a rival wins the first `lost` claims without leaving a trace."""

    held: dict[int, Slot] = field(default_factory=dict)
    lost: int = 0
    outcome: SlotClaim = SlotClaim.LOST
    """What the losers are told."""
    claims: int = 0

    def slots(self, user_id: str) -> list[Slot]:
        everyone = sorted(self.held.values(), key=lambda slot: -slot.number)
        return [slot for slot in everyone if slot.connection.user_id == user_id]

    def claim(
        self, connection: Connection, slot: int, *, now: datetime, instead_of: str | None = None
    ) -> SlotClaim:
        self.claims += 1
        holder = self.held.get(slot)
        is_free = holder is None or holder.connection.expires_at <= now
        self.lost -= 1
        if self.lost >= 0:
            return self.outcome
        if not (is_free or (holder and holder.connection.connection_id == instead_of)):
            return SlotClaim.LOST
        self.held[slot] = Slot(slot, connection)
        return SlotClaim.WON

    def release(self, connection_id: str) -> bool:
        before = len(self.held)
        self.held = {
            number: slot
            for number, slot in self.held.items()
            if slot.connection.connection_id != connection_id
        }
        return len(self.held) < before

    def holders(self) -> dict[int, str]:
        return {number: slot.connection.connection_id for number, slot in sorted(self.held.items())}


class NoTickets:
    """Tickets, of which none are out and none are kept."""

    def put(self, secret: str, ticket: Ticket) -> None:
        """Forget it."""

    def redeem(self, secret: str, *, origin: str, now: datetime) -> Ticket | None:
        return None


@dataclass
class FakeSockets:
    """Sockets, some of which have gone; it remembers whom it was told to close, and why."""

    gone: Container[str] = ()
    dismissed: dict[str, Closing] = field(default_factory=dict)

    def is_gone(self, connection_id: str) -> bool:
        return connection_id in self.gone

    def end(self, connection_id: str, closing: Closing, *, now: datetime) -> None:
        self.dismissed[connection_id] = closing

    def dismiss(self, connection_id: str, closing: Closing, *, now: datetime) -> bool:
        self.end(connection_id, closing, now=now)
        return True


def admission(registry: Registry, *, gone: Container[str] = (), **changes: Any) -> Admission:
    """Three slots for everyone from ORIGIN, without any waiting; options can be changed by their names."""
    chosen = {name: changes.pop(name) for name in list(changes) if hasattr(OPTIONS, name)}
    options = replace(OPTIONS, **chosen)
    valid: dict[str, Any] = {
        "tokens": verifier(),
        "origins": OriginAllowList(frozenset({ORIGIN})),
        "tickets": NoTickets(),
        "options": options,
    }
    slots: dict[str, Any] = {
        "registry": registry,
        "sockets": FakeSockets(gone),
        "options": options,
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
