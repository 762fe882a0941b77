"""A gate and someone who knocks at it; both are valid, and a test changes the one thing it is about."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from functions.connect.gate import Gate, Registry
from functions.connect.knock import Knock
from functions.shared.origins import OriginAllowList
from tests.support.builders import LIFETIME, NOON, ORIGIN, USER
from tests.support.tokens import token, verifier

if TYPE_CHECKING:
    from collections.abc import Container

    from functions.shared.tickets import Ticket


class NoTickets:
    """Tickets, of which none are out."""

    def redeem(self, _secret: str, **_: Any) -> Ticket | None:
        return None


def gate(registry: Registry, *, gone: Container[str] = (), **changes: Any) -> Gate:
    """Three seats for everyone from ORIGIN, without any waiting."""
    valid: dict[str, Any] = {
        "tokens": verifier(),
        "origins": OriginAllowList(frozenset({ORIGIN})),
        "tickets": NoTickets(),
        "registry": registry,
        "is_gone": gone.__contains__,
        "connections_per_user": 3,
        "lifetime": LIFETIME,
        "token_grace": LIFETIME,
        "sleep": lambda _seconds: None,
    }
    return Gate(**valid | changes)


def knock(
    connection_id: str = "new", *, user_id: str | None = USER, at: datetime = NOON, **changes: Any
) -> Knock:
    """A handshake of a user who shows a token of their own in the query."""
    valid: dict[str, Any] = {"origin": ORIGIN, "token": token(at=at, sub=user_id or USER), "ticket": None}
    return Knock(connection_id=connection_id, user_id=user_id, **valid | changes)
