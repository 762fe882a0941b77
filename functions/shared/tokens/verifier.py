"""Verifies a token and returns the user that it names.

PyJWT checks the signature. Around it stand the checks that it leaves to its caller: it takes the last of two
equal claims, padded base64, tokens without `exp`, an `exp` that is a string, and tokens of any length. Rules:
RFC 7515 (compact form), RFC 7519 (claims), RFC 8725 (current practice: one algorithm, fixed by the verifier).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import jwt

from functions.shared.errors import Unauthenticated
from functions.shared.tokens.compact_form import parts_of

if TYPE_CHECKING:
    from datetime import datetime

    from functions.shared.tokens.options import TokenOptions
    from functions.shared.tokens.ports import Keys

LEEWAY = 10
"""Seconds by which clocks may differ."""
LONGEST_USER_ID = 128
LATEST = 253_402_300_799
"""The end of the year 9999: a later time can be written, but no clock of ours can tell it."""
_KEY_ID = re.compile(r"[\x21-\x7e]{1,128}")
_OTHER_KINDS = frozenset({"refresh", "refresh_token", "id", "id_token", "offline", "logout", "sliding"})


@dataclass(frozen=True, slots=True)
class Bearer:
    """The user that a valid token names, and the end of its validity."""

    user_id: str
    expires_at: int
    """Seconds since 1970."""
    has_budget: bool = False
    """Whether it has the claim that the setting `budget_claim` names."""
    budget: object = field(default=None, repr=False)
    """That claim, as it is written there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenVerifier:
    """Verifies tokens by one algorithm and the keys that belong to it."""

    options: TokenOptions
    keys: Keys
    budget_claim: str = ""
    """The claim that says how much a user may use; empty: none does."""

    def bearer(self, token: str, *, now: datetime) -> Bearer:
        """Return the user that the token names.

        Raises:
            Unauthenticated: If anything about the token is not as it must be.
            SettingsError: If our own key is too weak to trust.
            Unavailable: If there is no key, because none could be fetched yet.
        """
        header, claims = parts_of(token)
        self._check_header(header)
        self._check_signature(token, header.get("kid"), now)
        expires_at = self._check_times(claims, now.timestamp())
        self._check_purpose(claims)
        return Bearer(
            user_id=self._user_id(claims),
            expires_at=expires_at,
            has_budget=bool(self.budget_claim) and self.budget_claim in claims,
            budget=claims.get(self.budget_claim) if self.budget_claim else None,
        )

    def _check_header(self, header: dict[str, Any]) -> None:
        """Look at what must be right before a key is chosen; `jku`, `x5u` and `jwk` choose none, ever."""
        if header.get("alg") != self.options.token_algorithm:
            raise Unauthenticated("token_algorithm")
        if "crit" in header or "b64" in header:
            raise Unauthenticated("token_critical_header")
        if str(header.get("typ", "JWT")).upper() != "JWT":
            raise Unauthenticated("token_type")
        if "kid" in header and not _is_key_id(header["kid"]):
            raise Unauthenticated("token_key_id")

    def _check_signature(self, token: str, key_id: str | None, now: datetime) -> None:
        for key in self.keys.candidates(key_id, now=now):
            try:
                jwt.api_jws.decode(token, key, algorithms=[self.options.token_algorithm])
            except jwt.PyJWTError:
                continue
            return
        raise Unauthenticated("token_signature")

    def _check_times(self, claims: dict[str, Any], now: float) -> int:
        for name in ("exp", "iat", "nbf"):
            if name in claims and not _is_time(claims[name]):
                raise Unauthenticated(f"token_{name}_form")
        for name in ("exp", "iat"):
            if name not in claims:
                raise Unauthenticated(f"token_{name}_missing")
        if claims["exp"] + LEEWAY <= now:
            raise Unauthenticated("token_expired")
        if max(claims["iat"], claims.get("nbf", 0)) - LEEWAY > now:
            raise Unauthenticated("token_not_yet_valid")
        if claims["exp"] - min(claims["iat"], now) > self.options.token_max_age_seconds:
            raise Unauthenticated("token_lives_too_long")
        return int(claims["exp"])

    def _check_purpose(self, claims: dict[str, Any]) -> None:
        kinds = [claims[name] for name in ("token_type", "token_use", "typ") if name in claims]
        if any(not isinstance(kind, str) or kind.lower() in _OTHER_KINDS for kind in kinds):
            raise Unauthenticated("token_kind")
        if self.options.token_issuer and claims.get("iss") != self.options.token_issuer:
            raise Unauthenticated("token_issuer")
        audience = claims.get("aud")
        audiences = audience if isinstance(audience, list) else [audience]
        if self.options.token_audience and self.options.token_audience not in audiences:
            raise Unauthenticated("token_audience")

    def _user_id(self, claims: dict[str, Any]) -> str:
        named = [claims[name] for name in self.options.token_user_claims if name in claims]
        if not named or any(value != named[0] for value in named):
            raise Unauthenticated("token_user_missing_or_contradictory")
        if not is_user_id(named[0]):
            raise Unauthenticated("token_user_form")
        return str(named[0])


def _is_key_id(value: object) -> bool:
    return isinstance(value, str) and _KEY_ID.fullmatch(value) is not None


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
