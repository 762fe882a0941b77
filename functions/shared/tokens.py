"""Who a token says that its bearer is.

PyJWT checks the signature. Around it stand the checks that it leaves to its caller: it takes the last of two
equal claims, padded base64, tokens without `exp`, an `exp` that is a string, and tokens of any length. Rules:
RFC 7515 (compact form), RFC 7519 (claims), RFC 8725 (current practice: one algorithm, fixed by the verifier).
"""

from __future__ import annotations

import base64
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

import jwt

from functions.shared import environment
from functions.shared.errors import SettingsError, Unauthenticated
from functions.shared.strict_json import read_object

SHORTEST_SECRET = {"HS256": 32, "HS384": 48, "HS512": 64}
"""Bytes, by algorithm: at least as many as the hash has (RFC 7518 §3.2)."""
LONGEST_TOKEN = 4096
LONGEST_USER_ID = 128
LATEST = 253_402_300_799
"""The end of the year 9999: a later time can be written, but no clock of ours can tell it."""
_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+", re.ASCII)
_OTHER_KINDS = frozenset({"refresh", "id", "sliding"})
SecretValues = Callable[[datetime], Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRules:
    """What a token of this deployment looks like; issuer and audience count when they are not empty."""

    algorithm: str
    issuer: str
    audience: str
    user_claims: tuple[str, ...]
    leeway: timedelta = timedelta(seconds=10)

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Self:
        """Read the rules from a function's environment.

        Raises:
            SettingsError: If a variable is missing or not usable.
        """
        rules = cls(
            algorithm=environment.text(environ, "TOKEN_ALGORITHM"),
            issuer=environment.optional_text(environ, "TOKEN_ISSUER"),
            audience=environment.optional_text(environ, "TOKEN_AUDIENCE"),
            user_claims=environment.texts(environ, "TOKEN_USER_CLAIMS"),
        )
        if rules.algorithm not in SHORTEST_SECRET:
            raise SettingsError(f"TOKEN_ALGORITHM must be one of {', '.join(SHORTEST_SECRET)}")
        return rules


@dataclass(frozen=True, slots=True)
class Bearer:
    """Whom a valid token names, and until when it is valid."""

    user_id: str
    expires_at: int
    """Seconds since 1970."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenVerifier:
    """Verifies tokens signed with a shared secret."""

    rules: TokenRules
    secrets: SecretValues

    def bearer(self, token: str, *, now: datetime) -> Bearer:
        """Return whom the token names.

        Raises:
            Unauthenticated: If anything about the token is not as it must be.
            SettingsError: If our own secret is too short to trust (RFC 7518 §3.2).
        """
        header, claims = _parts(token)
        self._check_header(header)
        self._check_signature(token, now)
        expires_at = self._check_times(claims, now.timestamp())
        self._check_purpose(claims)
        return Bearer(user_id=self._user_id(claims), expires_at=expires_at)

    def _check_header(self, header: dict[str, Any]) -> None:
        if header.get("alg") != self.rules.algorithm:
            raise Unauthenticated("token_algorithm")
        if "crit" in header or "b64" in header:
            raise Unauthenticated("token_critical_header")
        if str(header.get("typ", "JWT")).upper() != "JWT":
            raise Unauthenticated("token_type")

    def _check_signature(self, token: str, now: datetime) -> None:
        shortest = SHORTEST_SECRET[self.rules.algorithm]
        for secret in self.secrets(now):
            if len(secret.encode()) < shortest:
                raise SettingsError(f"the token secret must have at least {shortest} bytes")
            try:
                jwt.api_jws.decode(token, secret, algorithms=[self.rules.algorithm])
            except jwt.PyJWTError:
                continue
            return
        raise Unauthenticated("token_signature")

    def _check_times(self, claims: dict[str, Any], now: float) -> int:
        leeway = self.rules.leeway.total_seconds()
        for name in ("exp", "nbf", "iat"):
            if name in claims and not _is_time(claims[name]):
                raise Unauthenticated(f"token_{name}_form")
        if "exp" not in claims:
            raise Unauthenticated("token_exp_missing")
        if claims["exp"] + leeway <= now:
            raise Unauthenticated("token_expired")
        if max(claims.get("nbf", 0), claims.get("iat", 0)) - leeway > now:
            raise Unauthenticated("token_not_yet_valid")
        return int(claims["exp"])

    def _check_purpose(self, claims: dict[str, Any]) -> None:
        kinds = [claims[name] for name in ("token_type", "token_use", "typ") if name in claims]
        if any(not isinstance(kind, str) or kind in _OTHER_KINDS for kind in kinds):
            raise Unauthenticated("token_kind")
        if self.rules.issuer and claims.get("iss") != self.rules.issuer:
            raise Unauthenticated("token_issuer")
        audience = claims.get("aud")
        audiences = audience if isinstance(audience, list) else [audience]
        if self.rules.audience and self.rules.audience not in audiences:
            raise Unauthenticated("token_audience")

    def _user_id(self, claims: dict[str, Any]) -> str:
        named = [claims[name] for name in self.rules.user_claims if name in claims]
        if not named or any(value != named[0] for value in named):
            raise Unauthenticated("token_user_missing_or_contradictory")
        if not is_user_id(named[0]):
            raise Unauthenticated("token_user_form")
        return str(named[0])


def _is_time(value: object) -> bool:
    return type(value) is int and 0 <= value <= LATEST  # `isinstance` would let booleans through


def is_user_id(value: object) -> bool:
    """Say whether this may name a user.

    Look-alikes stay different users and nothing is normalised: what could be read as another spelling of the
    same name (not NFC, outer white space, control characters) is not a name.
    """
    return (
        isinstance(value, str)
        and 0 < len(value) <= LONGEST_USER_ID
        and value == value.strip()
        and value.isprintable()
        and unicodedata.is_normalized("NFC", value)
    )


def _parts(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Take header and claims out of a compact token that is written in exactly one way."""
    if len(token) > LONGEST_TOKEN or not _COMPACT.fullmatch(token):
        raise Unauthenticated("token_form")
    header, claims, signature = (_decode(part) for part in token.split("."))
    if not signature:
        raise Unauthenticated("token_form")
    return _object(header), _object(claims)


def _decode(part: str) -> bytes:
    try:
        data = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except ValueError:
        raise Unauthenticated("token_form") from None
    if base64.urlsafe_b64encode(data).rstrip(b"=").decode() != part:
        raise Unauthenticated("token_form")
    return data


def _object(data: bytes) -> dict[str, Any]:
    try:
        return read_object(data)
    except ValueError:
        raise Unauthenticated("token_json") from None
