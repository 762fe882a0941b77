"""Whether a public key is good enough to verify tokens with; the functions ask the same when they start."""

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

_RSA = "an RSA key of 2048 to 8192 bits"
WANTED = {
    "RS256": _RSA,
    "RS384": _RSA,
    "RS512": _RSA,
    "PS256": _RSA,
    "ES256": "an EC key on the curve P-256",
    "EdDSA": "an Ed25519 key",
}


def is_good(pem: str, algorithm: str) -> bool:
    """Say whether this is a key of the algorithm's kind, long enough, and not known to be weak."""
    try:
        key = load_pem_public_key(pem.strip().encode())
    except (ValueError, UnsupportedAlgorithm):
        return False
    match algorithm:
        case "ES256":
            return isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP256R1)
        case "EdDSA":
            return isinstance(key, Ed25519PublicKey)
        case _:
            return isinstance(key, RSAPublicKey) and 2048 <= key.key_size <= 8192 and not _is_weak(key)


def _is_weak(key: RSAPublicKey) -> bool:
    """Say what functions/shared/tokens/weak_rsa.py says of a key's numbers."""
    n, e = key.public_numbers().n, key.public_numbers().e
    primes = [number for number in range(3, 168) if all(number % other for other in range(2, number))]
    is_roca = all(n % prime in {pow(65537, a, prime) for a in range(prime - 1)} for prime in primes)
    return is_roca or n % 2 == 0 or e % 2 == 0 or e < 65537 or e.bit_length() > 256
