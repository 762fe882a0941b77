"""No forged token is let in and every valid one is, whatever the algorithm."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from functions.shared.errors import Unauthenticated
from functions.shared.tokens.algorithms import ALGORITHMS
from functions.shared.tokens.verifier import Bearer, TokenVerifier
from tests.support.builders import NOON, USER
from tests.support.forgeries import KEY_IDS, forgeries
from tests.support.keys import ASYMMETRIC, SYMMETRIC, key_of, pair_for, token_by, verifier_for
from tests.support.tokens import OPTIONS, claims, reason_against
from tests.support.touched import touched

NOW = int(NOON.timestamp())


def test_every_algorithm_is_attacked() -> None:
    assert {*SYMMETRIC, *ASYMMETRIC} == set(ALGORITHMS)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize(
    "header", [{}, {"typ": "jwt"}, {"kid": "ours"}, {"kid": "k" * 128}, {"x5t": "abc"}, {"jku": "https://x"}]
)
def test_every_valid_token_is_let_in(algorithm: str, header: dict[str, object]) -> None:
    text = token_by(algorithm, key_of(algorithm), claims(), header=header)

    assert verifier_for(algorithm).bearer(text, now=NOON) == Bearer(USER, NOW + 3600)


REASONS = {
    "token_algorithm",
    "token_critical_header",
    "token_form",
    "token_json",
    "token_key_id",
    "token_signature",
}


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.fault(1, 2, 3, 4, 5, 6, 17)
def test_no_forgery_is_let_in(algorithm: str) -> None:
    """A test for each forgery would be two thousand, whose set-up takes longer than they do."""
    reasons = {name: reason_to_refuse(algorithm, text) for name, text in forgeries(algorithm).items()}

    assert len(reasons) > 150
    assert {name: reason for name, reason in reasons.items() if reason not in REASONS} == {}


def reason_to_refuse(algorithm: str, text: str) -> str | None:
    """Why a token is refused; None if it is let in."""
    try:
        verifier_for(algorithm).bearer(text, now=NOON)
    except Unauthenticated as refusal:
        return refusal.reason
    return None


@pytest.mark.parametrize("algorithm", ["HS256", "RS256", "PS256", "ES256", "EdDSA"])
@pytest.mark.fault(4, 5)
def test_a_forgery_touches_no_file_no_address_and_little_time(algorithm: str) -> None:
    tokens = verifier_for(algorithm)
    forged = forgeries(algorithm).values()

    with touched() as seen:
        slowest = max(seconds_to_refuse(text, tokens) for text in forged)

    assert seen == []
    assert slowest < 0.05


def seconds_to_refuse(text: str, tokens: TokenVerifier) -> float:
    """The shortest of a few times, because the collector of garbage may take its time in any one."""
    times = []
    for _ in range(3):
        began = time.thread_time()
        reason_against(text, tokens)
        times.append(time.thread_time() - began)
    return min(times)


@pytest.mark.parametrize("algorithm", ["HS256", "ES256"])
@pytest.mark.parametrize("kid", [kid for kid in KEY_IDS if not isinstance(kid, str) or not kid.isprintable()])
@pytest.mark.fault(4)
def test_a_key_id_that_is_no_short_text_is_refused_even_when_all_else_is_right(
    algorithm: str, kid: object
) -> None:
    text = token_by(algorithm, key_of(algorithm), claims(), header={"kid": kid})

    assert reason_against(text, verifier_for(algorithm)) == "token_key_id"


@pytest.mark.parametrize("algorithm", ASYMMETRIC)
@pytest.mark.fault(3)
def test_the_configured_algorithm_decides_and_not_the_kind_of_key(algorithm: str) -> None:
    others = [other for other in ASYMMETRIC if other != algorithm and pair_for(other) is pair_for(algorithm)]

    for other in others:
        tokens = replace(verifier_for(algorithm), options=replace(OPTIONS, token_algorithm=other))
        text = token_by(algorithm, key_of(algorithm), claims())
        assert reason_against(text, tokens) == "token_algorithm"
        says = token_by(algorithm, key_of(algorithm), claims(), says=other)
        assert reason_against(says, tokens) == "token_signature"
