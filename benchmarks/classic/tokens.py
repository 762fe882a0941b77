"""Says which user a token names."""

from __future__ import annotations

import jwt
from django.conf import settings


def user_of(token: str) -> str:
    """Return the user's id.

    Raises:
        jwt.InvalidTokenError: If the token is not ours, or has expired.
    """
    claims = jwt.decode(
        token, settings.SECRET_KEY, algorithms=["HS256"], options={"require": ["sub", "exp", "iat"]}
    )
    return str(claims["sub"])


def group_of(user_id: str) -> str:
    return f"user.{user_id}"
