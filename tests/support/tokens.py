"""Tokens, made without the library that verifies them, so that they can be wrong in every way."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from functions.shared.tokens import TokenRules, TokenVerifier
from tests.support.builders import NOON, USER

SECRET = "a shared secret of at least 32 bytes, canary-secret"
RULES = TokenRules(algorithm="HS256", issuer="", audience="", user_claims=("sub", "user_id"))


def token(
    *,
    at: datetime = NOON,
    header: dict[str, Any] | None = None,
    without: Sequence[str] = (),
    secret: str = SECRET,
    **claims: Any,
) -> str:
    """A token of USER that was issued at `at` for an hour; headers and claims can be changed or left out."""
    issued_at = int(at.timestamp())
    named = {"sub": USER, "iat": issued_at, "exp": issued_at + 3600} | claims
    return signed(
        json.dumps({"alg": "HS256", "typ": "JWT"} | (header or {})),
        json.dumps({name: value for name, value in named.items() if name not in without}),
        secret=secret,
    )


def signed(header: str | bytes, claims: str | bytes, *, secret: str = SECRET, digest: str = "sha256") -> str:
    """Sign any two texts as if they were a token's header and claims."""
    signing_input = f"{base64url(header)}.{base64url(claims)}"
    return f"{signing_input}.{base64url(hmac.digest(secret.encode(), signing_input.encode(), digest))}"


def base64url(data: str | bytes) -> str:
    """Write bytes as RFC 7515 does: URL-safe and without padding."""
    return base64.urlsafe_b64encode(data.encode() if isinstance(data, str) else data).rstrip(b"=").decode()


def verifier(*secrets: str, rules: TokenRules = RULES) -> TokenVerifier:
    """A verifier that knows SECRET, or the given secrets."""
    return TokenVerifier(rules=rules, secrets=lambda _now: secrets or (SECRET,))
