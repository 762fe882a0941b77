"""Which public keys are good enough to verify tokens with; a deployment asks the same as a function.

It needs the package `cryptography`, which not all zips have (docs/decisions/0012).
"""

from __future__ import annotations

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from functions.shared.tokens.algorithms import PUBLIC_KEY_TYPE
from functions.shared.tokens.weak_rsa import is_weak

BITS = range(2048, 8192 + 1)
"""Of an RSA key: fewer are too weak (NIST SP 800-131A), more take longer than a handshake should."""
_WANTED = {
    "RSA": f"an RSA key of {BITS.start} to {BITS.stop - 1} bits",
    "EC": "an EC key on the curve P-256",
    "OKP": "an Ed25519 key",
}


def wanted(algorithm: str) -> str:
    """Say what a key must be, to follow the words "it must be"."""
    return _WANTED[PUBLIC_KEY_TYPE[algorithm]]


def loaded(pem: str) -> object:
    """Read a public key; nothing, if it is none."""
    try:
        return load_pem_public_key(pem.strip().encode())
    except (ValueError, UnsupportedAlgorithm):
        return None


def is_good(key: object, algorithm: str) -> bool:
    """Say whether this is a key of the algorithm's kind, long enough, and not known to be weak."""
    match PUBLIC_KEY_TYPE[algorithm]:
        case "RSA":
            return isinstance(key, RSAPublicKey) and key.key_size in BITS and not can_be_broken(key)
        case "EC":
            return isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP256R1)
        case _:
            return isinstance(key, Ed25519PublicKey)


def can_be_broken(key: object) -> bool:
    """Say whether this is an RSA key whose numbers give it away, however long it is."""
    if not isinstance(key, RSAPublicKey):
        return False
    numbers = key.public_numbers()
    return is_weak(numbers.n, numbers.e)
