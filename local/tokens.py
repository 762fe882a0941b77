"""Tokens as an identity provider would give them to a user's browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import jwt

if TYPE_CHECKING:
    from datetime import datetime, timedelta


def token_for(user_id: str, *, secret: str, now: datetime, lifetime: timedelta) -> str:
    """Return a token that names the user and ends after its lifetime."""
    claims = {"sub": user_id, "iat": now, "exp": now + lifetime}
    return jwt.encode(claims, secret, algorithm="HS256")
