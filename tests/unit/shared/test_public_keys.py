"""Which public keys are trusted."""

from __future__ import annotations

import json
import secrets
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from functions.shared.errors import SettingsError
from functions.shared.tokens.public_keys import key_from_pem, keys_from_jwks
from functions.shared.tokens.weak_rsa import is_weak
from tests.support.keys import (
    ASYMMETRIC,
    encoded,
    jwk,
    jwks,
    pair,
    pair_for,
    pem,
    pem_of_bits,
    pem_of_numbers,
    roca_modulus,
)
from tests.support.tokens import base64url

KINDS = ("RSA-1024", "RSA-2048", "P-256", "P-256K", "P-384", "P-521", "Ed25519", "Ed448")
GOOD = {"ES256": "P-256", "EdDSA": "Ed25519"}


@pytest.mark.parametrize("algorithm", ASYMMETRIC)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.fault(20)
def test_only_a_strong_key_of_the_right_kind_is_trusted(algorithm: str, kind: str) -> None:
    own = pair(kind)

    if kind == GOOD.get(algorithm, "RSA-2048"):
        assert key_from_pem(pem(own), algorithm) == own.public_key()
        assert [key.key for key in keys_from_jwks(jwks(jwk(own)), algorithm)] == [own.public_key()]
    else:
        with pytest.raises(SettingsError, match=r"^TOKEN_PUBLIC_KEY must be an? \S+ key .*in PEM form, for "):
            key_from_pem(pem(own), algorithm)
        with pytest.raises(ValueError, match="no usable key"):
            keys_from_jwks(jwks(jwk(own)), algorithm)


@pytest.mark.parametrize(("bits", "is_good"), [(2047, False), (2048, True), (8192, True), (8193, False)])
@pytest.mark.fault(20)
def test_an_rsa_key_is_neither_too_weak_nor_too_slow(bits: int, *, is_good: bool) -> None:
    if is_good:
        assert key_from_pem(pem_of_bits(bits), "RS256")
    else:
        with pytest.raises(SettingsError):
            key_from_pem(pem_of_bits(bits), "RS256")


GOOD_MODULUS = pair("RSA-2048").public_key().public_numbers().n


@pytest.mark.parametrize(
    ("modulus", "exponent", "is_good"),
    [
        (GOOD_MODULUS, 65537, True),
        (GOOD_MODULUS, 65539, True),
        (GOOD_MODULUS, (1 << 255) + 1, True),
        (GOOD_MODULUS, 3, False),
        (GOOD_MODULUS, 17, False),
        (GOOD_MODULUS, 65535, False),
        (GOOD_MODULUS, (1 << 256) + 1, False),
        (GOOD_MODULUS - 1, 65537, False),
        (roca_modulus(2048), 65537, False),
        (roca_modulus(4096), 65537, False),
        (roca_modulus(4096) + 2, 65537, True),
    ],
    ids=[
        *("usual", "another prime", "just long enough", "e is 3", "e is 17", "e is short", "e is long"),
        *("even modulus", "ROCA 2048", "ROCA 4096", "nearly ROCA"),
    ],
)
@pytest.mark.fault(20)
def test_an_rsa_key_that_can_be_broken_is_refused(modulus: int, exponent: int, *, is_good: bool) -> None:
    text = pem_of_numbers(modulus, exponent)
    published = jwks(
        {"kty": "RSA", "n": base64url(_bytes(modulus)), "e": base64url(_bytes(exponent)), "kid": "k"}
    )

    if is_good:
        assert key_from_pem(text, "RS256")
        assert len(keys_from_jwks(published, "RS256")) == 1
    else:
        with pytest.raises(SettingsError, match="this one can be broken"):
            key_from_pem(text, "RS256")
        with pytest.raises(ValueError, match="no usable key"):
            keys_from_jwks(published, "RS256")


def test_new_keys_are_not_taken_for_broken_ones() -> None:
    assert not any(is_weak(secrets.randbits(2048) | 1, 65537) for _ in range(10_000))


def _bytes(number: int) -> bytes:
    return number.to_bytes(-(-number.bit_length() // 8))


@pytest.mark.parametrize(
    "text",
    [
        "canary",
        "-----BEGIN PUBLIC KEY-----\ncanary\n-----END PUBLIC KEY-----",
        pem(pair("RSA-2048")).replace("A", "B"),
        pem(pair("RSA-2048"))[:-40],
        "".join(pem(pair("RSA-2048")).splitlines()[1:-1]),
        encoded(pair("RSA-2048"), Encoding.OpenSSH, PublicFormat.OpenSSH).decode(),
        json.dumps(jwk(pair("RSA-2048"))),
        pair("RSA-2048").private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
        "a shared secret of at least 32 bytes, canary",
    ],
)
@pytest.mark.fault(20)
def test_what_is_no_public_key_is_refused_without_being_repeated(text: str) -> None:
    with pytest.raises(SettingsError, match=r"^TOKEN_PUBLIC_KEY must be ") as refusal:
        key_from_pem(text, "RS256")

    assert (
        str(refusal.value)
        == "TOKEN_PUBLIC_KEY must be an RSA key of 2048 to 8192 bits in PEM form, for RS256"
    )


@pytest.mark.parametrize("algorithm", ASYMMETRIC)
@pytest.mark.parametrize(
    "member",
    [
        {},
        {"use": "sig"},
        {"key_ops": ["verify"]},
        {"key_ops": ["sign", "verify"], "use": "sig"},
        {"kid": "2026-11"},
        {"alg": ...},
        {"x5u": "http://127.0.0.1:9/", "x5c": ["certificate"], "unknown": 1},
    ],
)
def test_a_key_for_signatures_is_usable(algorithm: str, member: dict[str, Any]) -> None:
    given = {name: algorithm if value is ... else value for name, value in member.items()}

    (key,) = keys_from_jwks(jwks(jwk(pair_for(algorithm), **given)), algorithm)

    assert (key.key_id, key.key) == (member.get("kid"), pair_for(algorithm).public_key())


@pytest.mark.parametrize("algorithm", ASYMMETRIC)
@pytest.mark.parametrize(
    "member",
    [
        {"use": "enc"},
        {"use": None, "key_ops": ["encrypt", "wrapKey"]},
        {"use": ["sig"]},
        {"key_ops": "verify"},
        {"key_ops": []},
        {"key_ops": {"verify": 1}},
        {"alg": "HS256"},
        {"alg": "RSA-OAEP"},
        {"alg": 1},
        {"kty": "oct"},
        {"kty": "rsa"},
        {"kty": []},
        {"kty": None},
        {"kid": 1},
        {"kid": ["a"]},
        {"d": "AQAB"},
        {"n": None, "x": None},
        {"n": 1, "x": 1},
        {"n": "", "x": ""},
        {"n": "AQAB", "x": "AQAB"},
        {"n": "?" * 400, "x": "?" * 43},
        {"e": "Ag", "y": "AQAB", "crv": "P-521"},
        {"e": "", "y": "", "crv": ""},
        {"e": None, "y": None, "crv": None},
        {"e": ["AQAB"], "y": ["AQAB"], "crv": ["P-256"]},
    ],
)
def test_another_key_is_passed_over(algorithm: str, member: dict[str, Any]) -> None:
    good = jwk(pair_for(algorithm, "theirs"), kid="good")
    bad = {name: value for name, value in (jwk(pair_for(algorithm)) | member).items() if value is not None}

    assert [key.key_id for key in keys_from_jwks(jwks(bad, good), algorithm)] == ["good"]


@pytest.mark.parametrize("member", [None, 1, "key", [], [["kty", "RSA"]]])
def test_a_member_that_is_no_key_is_passed_over(member: object) -> None:
    assert len(keys_from_jwks(jwks(member, jwk(pair_for("ES256"))), "ES256")) == 1


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b'{"keys":null}',
        b'{"keys":{}}',
        b'{"keys":[]}',
        b'{"keys":"keys"}',
        b'{"keys":[{}]}',
        b'{"keys":[],"keys":[]}',
        b"\xff\xfe{",
        b"\x1f\x8b\x08\x00",
        b"<html>Sign in</html>",
        b"[" * 100_000,
        b'{"keys":[' + b"[" * 50_000,
        json.dumps(jwk(pair_for("ES256"))).encode(),
        jwks(jwk(pair_for("RS256"))),
    ],
)
@pytest.mark.fault(19)
def test_what_is_no_set_of_usable_keys_is_refused(document: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        keys_from_jwks(document, "ES256")
