"""Tokens that must be refused, for a deployment of any algorithm."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from functions.shared.tokens.algorithms import PUBLIC_KEY_TYPE
from tests.support.keys import (
    ASYMMETRIC,
    SYMMETRIC,
    encoded,
    jwk,
    key_of,
    pair,
    pair_for,
    pem,
    signature,
    token_by,
)
from tests.support.tokens import base64url, claims

NO_ALGORITHM: tuple[object, ...] = (
    *("none", "None", "NONE", "nOnE", "none ", " none", "none\0", "", "null", "undefined", "*", "HS", "256"),
    *(None, True, False, 0, 1, [], {}, ["none"], {"alg": "none"}),
)


@cache
def forgeries(algorithm: str) -> dict[str, str]:
    """All forgeries against one algorithm, by what is wrong with them."""
    return {
        name: token
        for kind in (_unsigned, _confused, _strangers, _mangled, _injected, _altered)
        for name, token in kind(algorithm)
    }


def _unsigned(algorithm: str) -> Iterator[tuple[str, str]]:
    """Signed with nothing, or with our key while the header says something else."""
    for says in NO_ALGORITHM:
        genuine = token_by(algorithm, key_of(algorithm), claims(), says=says)
        data = genuine.rpartition(".")[0]
        yield f"alg {says!r}, our signature", genuine
        for rest in ("", "AA", base64url(b"\0" * 64)):
            yield f"alg {says!r}, signature {rest[:2]!r}", f"{data}.{rest}"
    for variant in {
        algorithm.lower(),
        algorithm.swapcase(),
        f" {algorithm}",
        f"{algorithm}\n",
        algorithm + "\0",
    }:
        yield f"alg {variant!r}", token_by(algorithm, key_of(algorithm), claims(), says=variant)
    yield "alg in a list", token_by(algorithm, key_of(algorithm), claims(), says=[algorithm])


def _confused(algorithm: str) -> Iterator[tuple[str, str]]:
    """A MAC whose secret is our public key, which everybody knows, in every spelling of a library."""
    for text, secret in _spellings(algorithm):
        for mac in SYMMETRIC:
            for says in {mac, algorithm}:
                yield f"{mac} with our {text}, says {says}", token_by(mac, secret, claims(), says=says)


def _spellings(algorithm: str) -> Iterator[tuple[str, bytes]]:
    yield "nothing", b""
    yield "NUL bytes", b"\0" * 32
    if algorithm not in PUBLIC_KEY_TYPE:
        return
    key = pair_for(algorithm)
    yield "PEM", pem(key).encode()
    yield "PEM without line end", pem(key).strip().encode()
    yield "PEM with CRLF", pem(key).replace("\n", "\r\n").encode()
    yield "PEM in one line", "".join(pem(key).splitlines()[1:-1]).encode()
    yield "DER", encoded(key, Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    yield "SSH", encoded(key, Encoding.OpenSSH, PublicFormat.OpenSSH)
    yield "JWK", json.dumps(jwk(key)).encode()
    yield "JWK without spaces", json.dumps(jwk(key), separators=(",", ":")).encode()
    for member in ("n", "x"):
        if member in jwk(key):
            yield f"JWK's {member}", jwk(key)[member].encode()


def _strangers(algorithm: str) -> Iterator[tuple[str, str]]:
    """Signed properly, but by another algorithm or with another key."""
    yield "another's key", token_by(algorithm, _other_key(algorithm), claims())
    for other in (*SYMMETRIC, *ASYMMETRIC):
        for owner in ("ours", "theirs"):
            key = key_of(other, owner) if owner == "ours" else _other_key(other)
            if other != algorithm:
                yield f"{other} by {owner}", token_by(other, key, claims())
                yield f"{other} by {owner}, says {algorithm}", token_by(other, key, claims(), says=algorithm)
    for kind in ("RSA-1024", "P-256K", "P-384", "P-521", "Ed25519", "Ed448"):
        for signed in {algorithm, "ES256"} - set(SYMMETRIC):
            yield f"{signed} with {kind}", token_by(signed, pair(kind, "theirs"), claims(), says=algorithm)
    for unsupported in (
        "ES256K",
        "ES384",
        "ES512",
        "PS384",
        "PS512",
        "Ed25519",
        "Ed448",
        "RSA-OAEP",
        "A128GCM",
    ):
        yield f"says {unsupported}", token_by(algorithm, key_of(algorithm), claims(), says=unsupported)


def _other_key(algorithm: str) -> object:
    return b"s" * 64 if algorithm in SYMMETRIC else pair_for(algorithm, "theirs")


def _mangled(algorithm: str) -> Iterator[tuple[str, str]]:
    """Our own signature, changed a little, or numbers that fool careless verifiers."""
    token = token_by(algorithm, key_of(algorithm), claims())
    data = token.rpartition(".")[0]
    right = signature(algorithm, key_of(algorithm), data.encode())
    size, half = len(right), len(right) // 2
    wrong = {
        "cut": right[:-1],
        "cut in half": right[:half],
        "longer": right + b"\0",
        "twice": right * 2,
        "with a leading zero": b"\0" + right,
        "backwards": right[::-1],
        "halves swapped": right[half:] + right[:half],
        "all zero": b"\0" * size,
        "all one": b"\xff" * size,
        "one": b"\0" * (size - 1) + b"\x01",
        "one and one": (b"\0" * (half - 1) + b"\x01") * 2,
        "first half zero": b"\0" * half + right[half:],
        "second half zero": right[:half] + b"\0" * (size - half),
        "first bit": bytes([right[0] ^ 0x80]) + right[1:],
        "last bit": right[:-1] + bytes([right[-1] ^ 1]),
        "order of P-256": ec_order() * 2,
        "ASN.1": pair("P-256").sign(data.encode(), ec.ECDSA(hashes.SHA256())),
    }
    for name, value in wrong.items():
        yield f"signature {name}", f"{data}.{base64url(value)}"


def ec_order() -> bytes:
    """The order of the group of P-256 (FIPS 186-5)."""
    return bytes.fromhex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551")


def _injected(algorithm: str) -> Iterator[tuple[str, str]]:
    """A stranger's signature, with the stranger's key, or the way to it, in the header."""
    key = _other_key(algorithm)
    own = jwk(key) if algorithm in PUBLIC_KEY_TYPE else {"kty": "oct", "k": base64url(b"s" * 64)}
    headers: dict[str, object] = {
        "jwk": own,
        "jku": "http://127.0.0.1:9/keys.json",
        "x5u": "file:///etc/ssl/cert.pem",
        "x5c": [base64url(b"certificate")],
        "x5t": base64url(b"s" * 20),
        "kid": "ours",
    }
    for name, value in headers.items():
        yield f"{name} of theirs", token_by(algorithm, key, claims(), header={name: value})
    yield "everything of theirs", token_by(algorithm, key, claims(), header=headers)
    for kid in KEY_IDS:
        yield f"kid {str(kid)[:30]!r}", token_by(algorithm, key, claims(), header={"kid": kid})
    criticals: tuple[dict[str, object], ...] = (
        {"crit": ["exp"]},
        {"crit": []},
        {"crit": "b64"},
        {"b64": False},
        {"crit": ["b64"], "b64": False},
    )
    for critical in criticals:
        yield f"critical {critical}", token_by(algorithm, key_of(algorithm), claims(), header=critical)


KEY_IDS: tuple[object, ...] = (
    *(
        "unknown",
        "../../dev/null",
        "/dev/null",
        "/proc/self/environ",
        "file:///dev/null",
        "http://127.0.0.1:9/",
    ),
    *(
        "' OR 1=1 --",
        "x' UNION SELECT 'key",
        "|sleep 10",
        "$(sleep 10)",
        "`sleep 10`",
        "%00",
        "\0",
        "",
        " ",
        "\n",
    ),
    *("{{7*7}}", "${jndi:ldap://127.0.0.1:9/}", "é", "k" * 129, "k" * 2000),
    *(None, 0, 1, 1.5, True, [], ["ours"], {}, {"$ne": None}),
)


def _altered(algorithm: str) -> Iterator[tuple[str, str]]:
    """Our signature over other words."""
    header, body, right = token_by(algorithm, key_of(algorithm), claims()).split(".")
    for name, other in {
        "admin": claims(sub="admin"),
        "later": claims(exp=2_000_000_000),
        "with a space": claims() + " ",
        "empty": "{}",
    }.items():
        yield f"claims {name}", f"{header}.{base64url(other)}.{right}"
    yield (
        "header with a space",
        f"{base64url(json.dumps({'alg': algorithm, 'typ': 'JWT'}) + ' ')}.{body}.{right}",
    )
    yield "halves swapped", f"{body}.{header}.{right}"
