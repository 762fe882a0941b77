"""Sorts refused handshakes into the few reasons that are counted apart; the log has the exact one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions.shared.errors import Malformed, TooManyConnections, Unauthenticated, Unavailable

if TYPE_CHECKING:
    from functions.shared.errors import Refused

BY_CLASS: dict[type[Refused], str] = {
    Malformed: "malformed",
    TooManyConnections: "cap",
    Unavailable: "unavailable",
}
FORBIDDEN = {"user_id": "user"}


def counted_reason(refused: Refused) -> str:
    """Return the word of `CONNECT_REASON` for a refusal."""
    if isinstance(refused, Unauthenticated):
        return "ticket" if refused.reason.startswith("ticket") else "token"
    return BY_CLASS.get(type(refused)) or FORBIDDEN.get(refused.reason, refused.reason)
