"""Public keys that tokens are verified with, and which of them are good enough.

Only zips of deployments with public keys have the package `cryptography` (docs/decisions/0012), so this
module is imported when such a deployment wires itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from functions.shared.errors import SettingsError
from functions.shared.strict_json import read_object
from functions.shared.tokens.algorithms import PUBLIC_KEY_TYPE
from functions.shared.tokens.weak_rsa import is_weak

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

BITS = range(2048, 8192 + 1)
"""Of an RSA key: fewer are too weak (NIST SP 800-131A), more take longer than a handshake should."""
WEAK = "its modulus is even or made by CVE-2017-15361 (ROCA), or its exponent is even or below 65537"
_WANTED = {
    "RSA": f"an RSA key of {BITS.start} to {BITS.stop - 1} bits",
    "EC": "an EC key on the curve P-256",
    "OKP": "an Ed25519 key",
}
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
    wanted = f"TOKEN_PUBLIC_KEY must be {_WANTED[PUBLIC_KEY_TYPE[algorithm]]} in PEM form, for {algorithm}"
    try:
        key = load_pem_public_key(pem.encode())
    except (ValueError, UnsupportedAlgorithm):
        raise SettingsError(wanted) from None
    if isinstance(key, RSAPublicKey) and _is_weak(key):
        raise SettingsError(f"{wanted}; this one can be broken: {WEAK}")
    if not _is_good(key, algorithm):
        raise SettingsError(wanted)
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
    return JsonWebKey(key_id=jwk.get("kid"), key=key) if _is_good(key, algorithm) else None


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


def _is_good(key: object, algorithm: str) -> bool:
    match PUBLIC_KEY_TYPE[algorithm]:
        case "RSA":
            return isinstance(key, RSAPublicKey) and key.key_size in BITS and not _is_weak(key)
        case "EC":
            return isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP256R1)
        case _:
            return isinstance(key, Ed25519PublicKey)


def _is_weak(key: RSAPublicKey) -> bool:
    numbers = key.public_numbers()
    return is_weak(numbers.n, numbers.e)
