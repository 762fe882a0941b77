"""Tokens, made without the library that verifies them, so that they can be wrong in every way."""

from __future__ import annotations

import base64
import hmac
import json
from typing import TYPE_CHECKING, Any

import pytest

from functions.shared.errors import Unauthenticated
from functions.shared.tokens.keys import SharedSecrets
from functions.shared.tokens.options import TokenOptions
from functions.shared.tokens.verifier import TokenVerifier
from tests.support.builders import NOON, USER

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

SECRET = "a shared secret of at least 32 bytes, canary-secret"
HEADER = '{"alg":"HS256","typ":"JWT"}'
OPTIONS = TokenOptions()


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


def claims(**changes: Any) -> str:
    """The claims of a valid token, as a text to be signed."""
    now = int(NOON.timestamp())
    return json.dumps({"sub": USER, "iat": now, "exp": now + 3600} | changes)


def signed(header: str | bytes, claims: str | bytes, *, secret: str = SECRET, digest: str = "sha256") -> str:
    """Sign any two texts as if they were a token's header and claims."""
    return signed_parts(base64url(header), base64url(claims), secret=secret, digest=digest)


def signed_parts(header: str, claims: str, *, secret: str = SECRET, digest: str = "sha256") -> str:
    """Sign two parts that may be encoded in any way."""
    signing_input = f"{header}.{claims}"
    return f"{signing_input}.{base64url(hmac.digest(secret.encode(), signing_input.encode(), digest))}"


def base64url(data: str | bytes) -> str:
    """Write bytes as RFC 7515 does: URL-safe and without padding."""
    return base64.urlsafe_b64encode(data.encode() if isinstance(data, str) else data).rstrip(b"=").decode()


def verifier(*secrets: str, options: TokenOptions = OPTIONS) -> TokenVerifier:
    """A verifier that knows SECRET, or the given secrets."""
    keys = SharedSecrets(algorithm=options.token_algorithm, values=lambda _now: secrets or (SECRET,))
    return TokenVerifier(options=options, keys=keys)


def reason_against(text: str, tokens: TokenVerifier | None = None) -> str:
    """Why a token is refused at NOON."""
    with pytest.raises(Unauthenticated) as refusal:
        (tokens or verifier()).bearer(text, now=NOON)
    return refusal.value.reason
