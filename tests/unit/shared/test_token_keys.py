"""Which keys a deployment may choose, and what is said about a choice that is none."""

from __future__ import annotations

import sys

import pytest

from functions.shared.errors import SettingsError, Unauthenticated, Unavailable
from functions.shared.tokens.algorithms import ALGORITHMS
from functions.shared.tokens.options import TokenSettings
from functions.shared.wiring import token_verifier
from tests.support import environment
from tests.support.builders import NOON, USER
from tests.support.document_server import good, serving
from tests.support.keys import ASYMMETRIC, SYMMETRIC, jwk, jwks, pair, pair_for, pem, token_by
from tests.support.tokens import claims

URL = "https://login.example.com/.well-known/jwks.json"
NO_SECRET = environment.TOKENS | {"TOKEN_SECRET_ARN": "", "TOKEN_AUDIENCE": "framestream"}


@pytest.mark.parametrize("algorithm", SYMMETRIC)
def test_a_shared_secret_needs_a_secret_and_nothing_else(algorithm: str) -> None:
    environ = environment.TOKENS | {"TOKEN_ALGORITHM": algorithm}

    assert TokenSettings.from_env(environ).token_secret_arn
    for name, value in {"TOKEN_PUBLIC_KEY": pem(pair("P-256")), "TOKEN_JWKS_URL": URL}.items():
        with pytest.raises(
            SettingsError, match=f"^{name} does not fit: it must be empty with token_algorithm {algorithm}, "
        ):
            TokenSettings.from_env(environ | {name: value})
    with pytest.raises(
        SettingsError,
        match=r"^TOKEN_SECRET_ARN does not fit: token_algorithm .+ takes a secret, and none is set$",
    ):
        TokenSettings.from_env(environ | {"TOKEN_SECRET_ARN": " "})


@pytest.mark.parametrize("algorithm", ASYMMETRIC)
def test_a_public_key_is_given_or_published_and_not_both(algorithm: str) -> None:
    environ = NO_SECRET | {"TOKEN_ALGORITHM": algorithm}
    key = {"TOKEN_PUBLIC_KEY": pem(pair_for(algorithm))}
    url = {"TOKEN_JWKS_URL": URL}

    assert TokenSettings.from_env(environ | key).token_public_key == key["TOKEN_PUBLIC_KEY"].strip()
    assert TokenSettings.from_env(environ | url).token_jwks_url == URL
    for neither_or_both in ({}, key | url):
        with pytest.raises(
            SettingsError, match=r"^TOKEN_ALGORITHM does not fit: it needs token_public_key or "
        ):
            TokenSettings.from_env(environ | neither_or_both)


@pytest.mark.parametrize(
    "algorithm", ["none", "None", "hs256", "RS1", "ES384", "PS512", "ES256K", "Ed25519", "*"]
)
def test_only_an_algorithm_that_we_verify_can_be_chosen(algorithm: str) -> None:
    with pytest.raises(SettingsError, match=f"^TOKEN_ALGORITHM must be one of {', '.join(ALGORITHMS)}$"):
        TokenSettings.from_env(environment.TOKENS | {"TOKEN_ALGORITHM": algorithm})


@pytest.mark.parametrize(
    "url",
    [
        "https://login.example.com/keys?policy=1",
        "https://login.example.com:8443/keys",
        "http://127.0.0.1:4566/keys",
        "http://localhost/keys",
    ],
)
def test_keys_come_over_tls_or_from_this_machine(url: str) -> None:
    source = TokenSettings.from_env(NO_SECRET | {"TOKEN_ALGORITHM": "RS256", "TOKEN_JWKS_URL": url})

    assert source.token_jwks_url == url


@pytest.mark.parametrize(
    "url",
    [
        "http://login.example.com/keys",
        "http://127.0.0.1.evil.io/keys",
        "http://localhost.evil.io/keys",
        "http://localhost@evil.io/keys",
        "https://user:password@login.example.com/keys",
        "https://login.example.com/keys#fragment",
        "https://login.example.com/two words",
        "https://",
        "HTTPS://login.example.com/keys",
        "ftp://login.example.com/keys",
        "file:///etc/passwd",
        "//login.example.com/keys",
        "login.example.com",
    ],
)
def test_keys_come_from_nowhere_else(url: str) -> None:
    with pytest.raises(SettingsError, match=r"^TOKEN_JWKS_URL must be a URL that starts with https:// "):
        TokenSettings.from_env(NO_SECRET | {"TOKEN_ALGORITHM": "RS256", "TOKEN_JWKS_URL": url})


@pytest.mark.parametrize("algorithm", ASYMMETRIC)
def test_a_public_key_verifies_without_any_secret(algorithm: str) -> None:
    environ = NO_SECRET | {"TOKEN_ALGORITHM": algorithm, "TOKEN_PUBLIC_KEY": pem(pair_for(algorithm))}

    tokens = token_verifier(TokenSettings.from_env(environ), jwks_failed=lambda: None)

    text = token_by(algorithm, pair_for(algorithm), claims(aud="framestream"))
    assert tokens.bearer(text, now=NOON).user_id == USER


@pytest.mark.parametrize(
    ("algorithm", "kind"), [("RS256", "RSA-1024"), ("ES256", "P-384"), ("EdDSA", "P-256")]
)
@pytest.mark.fault(20)
def test_a_weak_or_wrong_key_keeps_a_function_from_starting(algorithm: str, kind: str) -> None:
    environ = NO_SECRET | {"TOKEN_ALGORITHM": algorithm, "TOKEN_PUBLIC_KEY": pem(pair(kind))}

    with pytest.raises(SettingsError, match=r"^TOKEN_PUBLIC_KEY must be "):
        token_verifier(TokenSettings.from_env(environ), jwks_failed=lambda: None)


@pytest.mark.parametrize("algorithm", ASYMMETRIC)
@pytest.mark.fault(4, 19)
def test_published_keys_verify_and_a_token_cannot_name_others(algorithm: str) -> None:
    ours, theirs = pair_for(algorithm), pair_for(algorithm, "theirs")
    with serving(good(jwks(jwk(ours, kid="ours")))) as server, serving(good(jwks(jwk(theirs)))) as elsewhere:
        environ = NO_SECRET | {"TOKEN_ALGORITHM": algorithm, "TOKEN_JWKS_URL": server.url}
        tokens = token_verifier(TokenSettings.from_env(environ), jwks_failed=lambda: None)
        body = claims(aud="framestream")

        for header in ({"kid": "ours"}, {}):
            assert tokens.bearer(token_by(algorithm, ours, body, header=header), now=NOON).user_id == USER
        for kid in ("ours", "unknown", "../keys", elsewhere.url):
            stolen = {"kid": kid, "jku": elsewhere.url, "x5u": elsewhere.url, "jwk": jwk(theirs)}
            with pytest.raises(Unauthenticated):
                tokens.bearer(token_by(algorithm, theirs, body, header=stolen), now=NOON)
        with pytest.raises(Unauthenticated):
            tokens.bearer(token_by(algorithm, ours, body, header={"kid": "unknown"}), now=NOON)

    assert len(server.requests) == 1
    assert elsewhere.requests == []


@pytest.mark.fault(19)
def test_keys_that_nobody_publishes_let_nobody_in() -> None:
    with serving(good(b"", status="503 Service Unavailable")) as server:
        environ = NO_SECRET | {"TOKEN_ALGORITHM": "ES256", "TOKEN_JWKS_URL": server.url}
        tokens = token_verifier(TokenSettings.from_env(environ), jwks_failed=lambda: None)

        with pytest.raises(Unavailable):
            tokens.bearer(token_by("ES256", pair_for("ES256"), claims(aud="framestream")), now=NOON)


@pytest.mark.parametrize(
    "named", [{"TOKEN_ISSUER": "https://login.example.com/"}, {"TOKEN_AUDIENCE": "framestream"}]
)
def test_published_keys_need_an_issuer_or_an_audience(named: dict[str, str]) -> None:
    environ = environment.TOKENS | {"TOKEN_ALGORITHM": "RS256", "TOKEN_JWKS_URL": URL}

    token_verifier(TokenSettings.from_env(environ | named), jwks_failed=lambda: None)
    with pytest.raises(
        SettingsError, match=r"^TOKEN_JWKS_URL does not fit: it needs token_issuer or token_audience: "
    ):
        token_verifier(TokenSettings.from_env(environ), jwks_failed=lambda: None)


def test_a_zip_without_the_package_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    environ = NO_SECRET | {"TOKEN_ALGORITHM": "ES256", "TOKEN_PUBLIC_KEY": pem(pair("P-256"))}
    for name in ("public_keys", "jwks", "key_strength"):
        monkeypatch.delitem(sys.modules, f"functions.shared.tokens.{name}", raising=False)
        monkeypatch.delattr(f"functions.shared.tokens.{name}", raising=False)
    monkeypatch.setitem(sys.modules, "cryptography.exceptions", None)

    with pytest.raises(SettingsError, match=r"^TOKEN_ALGORITHM must be one that this zip was built for$"):
        token_verifier(TokenSettings.from_env(environ), jwks_failed=lambda: None)
