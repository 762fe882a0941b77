"""Tells RSA keys that can be broken or forged although they are long enough."""

from __future__ import annotations

SMALL_PRIMES = (
    *(3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97),
    *(101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167),
)
SMALLEST_EXPONENT = 65537
"""NIST SP 800-56B asks for an odd one above 2^16 and below 2^256."""
LARGEST_EXPONENT_BITS = 256


def is_weak(modulus: int, exponent: int) -> bool:
    """Say whether a key's numbers give it away."""
    return (
        exponent < SMALLEST_EXPONENT
        or exponent % 2 == 0
        or exponent.bit_length() > LARGEST_EXPONENT_BITS
        or modulus % 2 == 0
        or _is_made_by_infineon(modulus)
    )


def _is_made_by_infineon(modulus: int) -> bool:
    """Recognise a modulus whose primes have a form that lets it be factored (ROCA, CVE-2017-15361).

    They are `k * M + 65537**a mod M`, where `M` is a product of small primes. So the modulus is a power of
    65537 modulo each of these. Of other moduli, one in about 2^28 is.
    """
    return all(modulus % prime in powers for prime, powers in _POWERS.items())


def _powers_of_generator(prime: int) -> frozenset[int]:
    return frozenset(pow(65537, power, prime) for power in range(prime - 1))


_POWERS = {prime: _powers_of_generator(prime) for prime in SMALL_PRIMES}
