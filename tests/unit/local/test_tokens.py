"""The tokens that the local system signs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import jwt

from local.tokens import token_for

SECRET = "s" * 32


def test_a_token_names_its_user_and_its_end() -> None:
    now = datetime.now(UTC).replace(microsecond=0)

    token = token_for("user_123", secret=SECRET, now=now, lifetime=timedelta(hours=1))

    assert jwt.decode(token, SECRET, algorithms=["HS256"]) == {
        "sub": "user_123",
        "iat": int(now.timestamp()),
        "exp": int(now.timestamp()) + 3600,
    }
