"""Key pairs of every kind, and tokens signed with them without the library that verifies them."""

from __future__ import annotations

import hmac
import json
from dataclasses import replace
from functools import cache
from math import prod
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from functions.shared.tokens.keys import SharedSecrets
from functions.shared.tokens.public_keys import OnePublicKey, key_from_pem
from functions.shared.tokens.verifier import TokenVerifier
from tests.support.tokens import OPTIONS, base64url

ASYMMETRIC = ("RS256", "RS384", "RS512", "PS256", "ES256", "EdDSA")
SYMMETRIC = ("HS256", "HS384", "HS512")
SECRET = "a shared secret that is long enough for every hash, so at least 64 bytes"
HASHES = {"256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512()}


@cache
def pair(kind: str, owner: str = "ours") -> Any:
    """A private key: "RSA-2048", "P-256", "Ed25519" and so on; everybody has one of their own."""
    match kind.split("-"):
        case ["RSA", bits]:
            return rsa.generate_private_key(public_exponent=65537, key_size=int(bits))
        case ["P", size]:
            curves = {
                "256": ec.SECP256R1(),
                "256K": ec.SECP256K1(),
                "384": ec.SECP384R1(),
                "521": ec.SECP521R1(),
            }
            return ec.generate_private_key(curves[size])
        case ["Ed25519"]:
            return ed25519.Ed25519PrivateKey.generate()
    return ed448.Ed448PrivateKey.generate()


def pair_for(algorithm: str, owner: str = "ours") -> Any:
    """A good private key for an algorithm."""
    kinds = {"ES256": "P-256", "EdDSA": "Ed25519"}
    return pair(kinds.get(algorithm, "RSA-2048"), owner)


def pem(key: Any) -> str:
    """The public half, as a deployment is given it."""
    return encoded(key, Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def pem_of_bits(bits: int) -> str:
    """An RSA key of this size that cannot sign, because it takes no time to make."""
    return pem_of_numbers((1 << bits) - 1, 65537)


def roca_modulus(bits: int = 2048) -> int:
    """A modulus of the form that CVE-2017-15361 is about; its factors need not be primes to be recognised."""
    product = prod(number for number in range(2, 168) if all(number % other for other in range(2, number)))
    free = bits // 2 - product.bit_length()
    one, other = (
        ((1 << free) + offset) * product + pow(65537, power, product)
        for offset, power in ((5, 777), (9, 1234))
    )
    return one * other


def pem_of_numbers(modulus: int, exponent: int) -> str:
    """The RSA key that these numbers are."""
    public = rsa.RSAPublicNumbers(exponent, modulus).public_key()
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def encoded(key: Any, encoding: Encoding, form: PublicFormat) -> bytes:
    """The public half in any form."""
    data: bytes = key.public_key().public_bytes(encoding, form)
    return data


def signature(algorithm: str, key: Any, data: bytes) -> bytes:
    """Sign as RFC 7518 says, with whatever key one has."""
    if algorithm.startswith("HS"):
        return hmac.digest(key, data, f"sha{algorithm[2:]}")
    hash_ = HASHES.get(algorithm[2:], hashes.SHA256())
    if isinstance(key, rsa.RSAPrivateKey):
        pss = padding.PSS(padding.MGF1(hash_), hash_.digest_size)
        return key.sign(data, pss if algorithm.startswith("PS") else padding.PKCS1v15(), hash_)
    if isinstance(key, ec.EllipticCurvePrivateKey):
        size = (key.curve.key_size + 7) // 8
        r, s = decode_dss_signature(key.sign(data, ec.ECDSA(hash_)))
        return r.to_bytes(size) + s.to_bytes(size)
    signed: bytes = key.sign(data)
    return signed


def token_by(
    algorithm: str, key: Any, claims: str, *, says: object = ..., header: dict[str, Any] | None = None
) -> str:
    """A token signed by an algorithm; its header may say that it was another one."""
    named = {"alg": algorithm if says is ... else says, "typ": "JWT"} | (header or {})
    data = f"{base64url(json.dumps(named))}.{base64url(claims)}"
    return f"{data}.{base64url(signature(algorithm, key, data.encode()))}"


def key_of(algorithm: str, owner: str = "ours") -> Any:
    """The private key to sign with by this algorithm."""
    return SECRET.encode() if algorithm in SYMMETRIC else pair_for(algorithm, owner)


def verifier_for(algorithm: str) -> TokenVerifier:
    """The verifier of a deployment with our key for this algorithm."""
    options = replace(OPTIONS, token_algorithm=algorithm)
    if algorithm in SYMMETRIC:
        secrets = SharedSecrets(algorithm=algorithm, values=lambda _now: (SECRET,))
        return TokenVerifier(options=options, keys=secrets)
    return TokenVerifier(options=options, keys=OnePublicKey(key_from_pem(pem(key_of(algorithm)), algorithm)))


def jwk(key: Any, **members: Any) -> dict[str, Any]:
    """The public half as a JWK, with members of one's own; None takes one out."""
    public = key.public_key()
    if isinstance(key, rsa.RSAPrivateKey):
        numbers = public.public_numbers()
        own = {"kty": "RSA", "n": _number(numbers.n), "e": _number(numbers.e)}
    elif isinstance(key, ec.EllipticCurvePrivateKey):
        size = (key.curve.key_size + 7) // 8
        names = {"secp256r1": "P-256", "secp384r1": "P-384", "secp521r1": "P-521", "secp256k1": "secp256k1"}
        point = public.public_numbers()
        x, y = base64url(point.x.to_bytes(size)), base64url(point.y.to_bytes(size))
        own = {"kty": "EC", "crv": names[key.curve.name], "x": x, "y": y}
    else:
        raw = public.public_bytes(Encoding.Raw, PublicFormat.Raw)
        own = {"kty": "OKP", "crv": "Ed25519" if len(raw) == 32 else "Ed448", "x": base64url(raw)}
    return {name: value for name, value in (own | members).items() if value is not None}


def jwks(*keys: object) -> bytes:
    """A JWK Set."""
    return json.dumps({"keys": keys}).encode()


def _number(value: int) -> str:
    return base64url(value.to_bytes((value.bit_length() + 7) // 8))
