"""Which keys and algorithms a token may be signed with."""

from __future__ import annotations

import json
import socket
from dataclasses import replace
from datetime import datetime

import pytest

from functions.shared.errors import SettingsError
from functions.shared.tokens.keys import SharedSecrets
from tests.support.builders import NOON, USER
from tests.support.keys import pair, pem
from tests.support.tokens import OPTIONS, SECRET, base64url, claims, reason_against, signed, token, verifier

OLD_SECRET = "the secret that was in use before the rotation"


@pytest.mark.parametrize("secret", [SECRET, OLD_SECRET])
def test_during_a_rotation_both_secrets_count(secret: str) -> None:
    tokens = verifier(SECRET, OLD_SECRET)

    assert tokens.bearer(token(secret=secret), now=NOON).user_id == USER


def test_secrets_are_asked_for_as_of_now() -> None:
    asked: list[datetime] = []

    def values(now: datetime) -> tuple[str, ...]:
        asked.append(now)
        return (SECRET,)

    SharedSecrets(algorithm="HS256", values=values).candidates(None, now=NOON)

    assert asked == [NOON]


def test_after_a_rotation_the_old_secret_counts_no_more() -> None:
    assert reason_against(token(secret=OLD_SECRET)) == "token_signature"


@pytest.mark.parametrize(
    ("algorithm", "digest"), [("HS256", "sha256"), ("HS384", "sha384"), ("HS512", "sha512")]
)
def test_the_configured_algorithm_is_the_only_one(algorithm: str, digest: str) -> None:
    secret = "s" * 64
    text = signed(json.dumps({"alg": algorithm}), claims(), secret=secret, digest=digest)

    for configured in ("HS256", "HS384", "HS512"):
        tokens = verifier(secret, options=replace(OPTIONS, token_algorithm=configured))
        if configured == algorithm:
            assert tokens.bearer(text, now=NOON).user_id == USER
        else:
            assert reason_against(text, tokens) == "token_algorithm"


@pytest.mark.parametrize(
    "algorithm", ["none", "None", "NONE", "nOnE", "hs256", "RS256", "ES256", "", None, 1]
)
@pytest.mark.fault(1, 3)
def test_no_other_algorithm_counts(algorithm: object) -> None:
    assert reason_against(token(header={"alg": algorithm})) == "token_algorithm"


@pytest.mark.fault(1)
def test_a_token_without_signature_is_none() -> None:
    unsigned = signed('{"alg":"none"}', claims()).rpartition(".")[0] + "."

    assert reason_against(unsigned) == "token_form"


def test_a_token_without_algorithm_is_none() -> None:
    assert reason_against(signed("{}", claims())) == "token_algorithm"


@pytest.mark.parametrize("kid", ["unknown", "../../dev/null", "'OR+1=1--", "|sleep", "k" * 128])
@pytest.mark.fault(4)
def test_the_key_id_selects_nothing(kid: str) -> None:
    assert verifier().bearer(token(header={"kid": kid}), now=NOON).user_id == USER
    assert reason_against(token(header={"kid": kid}, secret="\0" * 32)) == "token_signature"


@pytest.mark.parametrize(
    ("kid", "reason"),
    [
        (7, "token_key_id"),
        (None, "token_key_id"),
        ("", "token_key_id"),
        ("two words", "token_key_id"),
        ("k" * 129, "token_key_id"),
        ("k" * 10_000, "token_form"),
    ],
)
@pytest.mark.fault(4)
def test_a_key_id_that_is_none_is_refused(kid: object, reason: str) -> None:
    assert reason_against(token(header={"kid": kid})) == reason


@pytest.mark.parametrize("name", ["jku", "x5u"])
@pytest.mark.fault(5)
def test_no_address_in_a_token_is_visited(name: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0)
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/keys"

        reason = reason_against(token(header={name: address}, secret="the attacker's own secret, 32 bytes"))

        assert reason == "token_signature"
        with pytest.raises(BlockingIOError):
            listener.accept()


@pytest.mark.fault(5)
def test_a_key_in_a_token_is_not_believed() -> None:
    own = "the attacker's own secret, 32 bytes"

    text = token(header={"jwk": {"kty": "oct", "k": base64url(own)}}, secret=own)

    assert reason_against(text) == "token_signature"


@pytest.mark.parametrize("header", [{"crit": ["exp"]}, {"crit": []}, {"b64": False}, {"b64": True}])
@pytest.mark.fault(6)
def test_extensions_that_must_be_understood_are_refused(header: dict[str, object]) -> None:
    assert reason_against(token(header=header)) == "token_critical_header"


@pytest.mark.parametrize(("algorithm", "shortest"), [("HS256", 32), ("HS384", 48), ("HS512", 64)])
@pytest.mark.fault(20)
def test_a_short_secret_of_ours_is_refused_without_being_named(algorithm: str, shortest: int) -> None:
    weak = "canary-" + "x" * (shortest - 8)
    tokens = verifier(weak, options=replace(OPTIONS, token_algorithm=algorithm))
    text = signed(json.dumps({"alg": algorithm}), claims(), secret=weak, digest=f"sha{algorithm[2:]}")

    with pytest.raises(SettingsError, match=f"at least {shortest} bytes") as error:
        tokens.bearer(text, now=NOON)

    assert "canary" not in str(error.value)


@pytest.mark.parametrize("secret", [pem(pair("RSA-2048")), pem(pair("P-256")), f"  {pem(pair('Ed25519'))}"])
@pytest.mark.fault(2, 20)
def test_a_key_that_everybody_may_know_is_no_secret(secret: str) -> None:
    with pytest.raises(SettingsError, match="the token secret must be no PEM key"):
        verifier(secret).bearer(token(secret=secret), now=NOON)
