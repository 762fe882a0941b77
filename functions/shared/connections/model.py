"""What we know of an open socket."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


LONGEST_HANDSHAKE = timedelta(seconds=30)
"""API Gateway answers "gone" for a connection whose handshake has not ended, which may take 29 s."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """One socket of one user."""

    connection_id: str
    user_id: str
    connected_at: datetime
    expires_at: datetime
    origin: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """A connection that has just been forgotten."""

    connected_at: datetime
    heard_at: datetime
    """When a keep-alive came last, or when it connected."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One of a user's slots, and the connection that holds it."""

    number: int
    connection: Connection


class SlotClaim(Enum):
    """How a claim of a slot went; only WON counts as true."""

    WON = "won"
    LOST = "lost"
    """Another connection holds the slot."""
    CONFLICT = "conflict"
    """Another transaction was under way, and DynamoDB did not look at the slot."""
    THROTTLED = "throttled"
    """The table takes no more right now, and DynamoDB did not look at the slot."""

    def __bool__(self) -> bool:
        return self is SlotClaim.WON
