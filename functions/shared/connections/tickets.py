"""Tickets: what a browser shows instead of its token, so that no lasting secret stands in a URL or a log.

A ticket is 32 random bytes. It is stored only as a hash, lives a minute at most, belongs to one user and one
page, and opens one socket.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

LIFETIME = timedelta(seconds=60)
_FORM = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """What a ticket stands for."""

    user_id: str
    origin: str
    """The page that asked for it; empty for a client that is no page."""
    session_expires_at: int
    """Until when its bearer's token is valid, in seconds since 1970: no socket outlives its token."""
    expires_at: datetime


def lifetime(session_expires_at: int, *, now: datetime) -> timedelta:
    """How long a ticket is good for: a minute, and not longer than the token that it was given for."""
    return min(LIFETIME, datetime.fromtimestamp(session_expires_at, UTC) - now)


def new_secret() -> str:
    """Make the text that is shown to its bearer: 32 bytes, base64url without padding."""
    return secrets.token_urlsafe(32)


def is_secret(text: str) -> bool:
    """Say whether this could be a ticket at all."""
    return _FORM.fullmatch(text) is not None


def digest(secret: str) -> str:
    """What is stored of a ticket. Without salt: 256 random bits cannot be guessed from their hash."""
    return hashlib.sha256(secret.encode()).hexdigest()
