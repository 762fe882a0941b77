"""The signatures that a deployment may choose, and what each asks of its keys."""

from __future__ import annotations

SHORTEST_SECRET = {"HS256": 32, "HS384": 48, "HS512": 64}
"""Bytes, by algorithm: at least as many as the hash has (RFC 7518 §3.2)."""

PUBLIC_KEY_TYPE = {
    "RS256": "RSA",
    "RS384": "RSA",
    "RS512": "RSA",
    "PS256": "RSA",
    "ES256": "EC",
    "EdDSA": "OKP",
}
"""The `kty` (RFC 7517 §4.1) of the keys that verify an algorithm; EC means P-256, OKP means Ed25519."""

ALGORITHMS = (*SHORTEST_SECRET, *PUBLIC_KEY_TYPE)
