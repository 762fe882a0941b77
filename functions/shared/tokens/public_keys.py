"""Public keys that tokens are verified with: one in PEM form, or a published set.

Only zips of deployments with public keys have the package `cryptography` (docs/decisions/0012), so this
module is imported when such a deployment wires itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import jwt

from functions.shared.errors import SettingsError
from functions.shared.strict_json import read_object
from functions.shared.tokens.algorithms import PUBLIC_KEY_TYPE
from functions.shared.tokens.key_strength import can_be_broken, is_good, loaded, wanted

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

WEAK = "its modulus is even or made by CVE-2017-15361 (ROCA), or its exponent is even or below 65537"
_MEMBERS = {"RSA": ("n", "e"), "EC": ("crv", "x", "y"), "OKP": ("crv", "x")}


@dataclass(frozen=True, slots=True)
class OnePublicKey:
    """The one key of a deployment; a `kid` selects nothing."""

    key: object

    def candidates(self, _key_id: str | None, *, now: datetime) -> Sequence[object]:  # noqa: ARG002  never changes
        """Return the key."""
        return (self.key,)


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonWebKey:
    """A key of a set, under the name that tokens call it by."""

    key_id: str | None
    key: object


def key_from_pem(pem: str, algorithm: str) -> object:
    """Read a public key.

    Raises:
        SettingsError: If it is none, or not a good one for the algorithm.
    """
    must = f"TOKEN_PUBLIC_KEY must be {wanted(algorithm)} in PEM form, for {algorithm}"
    key = loaded(pem)
    if can_be_broken(key):
        raise SettingsError(f"{must}; this one can be broken: {WEAK}")
    if not is_good(key, algorithm):
        raise SettingsError(must)
    return key


def keys_from_jwks(document: bytes, algorithm: str) -> list[JsonWebKey]:
    """Read the keys of a JWK Set (RFC 7517 §5) that are good ones for the algorithm; pass over the others.

    Raises:
        ValueError: If it is no JWK Set, or has no such key.
    """
    members = read_object(document).get("keys")
    if not isinstance(members, list):
        raise ValueError("no list of keys")  # noqa: TRY004  one error for all that is not what we read
    keys = [key for member in members if (key := _from_jwk(member, algorithm))]
    if not keys:
        raise ValueError("no usable key")
    return keys


def _from_jwk(jwk: object, algorithm: str) -> JsonWebKey | None:
    kind = PUBLIC_KEY_TYPE[algorithm]
    if not isinstance(jwk, dict) or jwk.get("kty") != kind or not _is_for_signatures(jwk, algorithm):
        return None
    try:
        # Nothing but the key's own numbers: no private part, no certificate, no address.
        numbers = {name: jwk[name] for name in _MEMBERS[kind]}
        key = jwt.PyJWK({"kty": kind, **numbers}).key
    except (jwt.PyJWTError, LookupError, TypeError, ValueError):
        return None
    return JsonWebKey(key_id=jwk.get("kid"), key=key) if is_good(key, algorithm) else None


def _is_for_signatures(jwk: dict[str, Any], algorithm: str) -> bool:
    operations = jwk.get("key_ops", ["verify"])
    return (
        jwk.get("use", "sig") == "sig"
        and isinstance(operations, list)
        and "verify" in operations
        and jwk.get("alg", algorithm) == algorithm
        and isinstance(jwk.get("kid", ""), str)
        and "d" not in jwk  # With a published private key, anyone can sign.
    )
