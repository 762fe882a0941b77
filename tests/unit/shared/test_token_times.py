"""When a token counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from functions.shared.errors import Unauthenticated
from tests.support.builders import NOON, USER
from tests.support.tokens import HEADER, OPTIONS, reason_against, signed, token, verifier

NOW = int(NOON.timestamp())
LEEWAY = 10


@pytest.mark.parametrize(
    "valid",
    [
        {"exp": NOW + 1},
        {"exp": NOW - LEEWAY + 1},
        {"nbf": NOW + LEEWAY},
        {"iat": NOW + LEEWAY},
        {"nbf": NOW - 1},
    ],
)
def test_clocks_may_differ_by_the_leeway(valid: dict[str, Any]) -> None:
    assert verifier().bearer(token(**valid), now=NOON).user_id == USER


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"exp": NOW - LEEWAY}, "token_expired"),
        ({"exp": 0}, "token_expired"),
        ({"nbf": NOW + LEEWAY + 1}, "token_not_yet_valid"),
        ({"iat": NOW + LEEWAY + 1}, "token_not_yet_valid"),
    ],
)
@pytest.mark.fault(7)
def test_a_token_counts_only_in_its_time(wrong: dict[str, Any], reason: str) -> None:
    assert reason_against(token(**wrong)) == reason


@pytest.mark.fault(7)
def test_a_token_ends_while_we_run() -> None:
    text = token()

    verifier().bearer(text, now=NOON + timedelta(seconds=3600 + LEEWAY - 1))
    with pytest.raises(Unauthenticated):
        verifier().bearer(text, now=NOON + timedelta(seconds=3600 + LEEWAY))


@pytest.mark.parametrize(
    ("missing", "reason"),
    [
        ("exp", "token_exp_missing"),
        ("iat", "token_iat_missing"),
        ("sub", "token_user_missing_or_contradictory"),
    ],
)
@pytest.mark.fault(8)
def test_a_token_must_say_until_when_and_for_whom(missing: str, reason: str) -> None:
    assert reason_against(token(without=[missing])) == reason


@pytest.mark.parametrize("name", ["exp", "nbf", "iat"])
@pytest.mark.parametrize(
    "value", [str(NOW + 60), NOW + 60.5, True, None, [NOW + 60], {}, "", -1, 10**12, 10**400]
)
@pytest.mark.fault(9)
def test_times_are_whole_numbers_that_a_clock_can_tell(name: str, value: Any) -> None:
    assert reason_against(token(**{name: value})) == f"token_{name}_form"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("NaN", "token_json"),
        ("Infinity", "token_json"),
        ("-Infinity", "token_json"),
        ("1e400", "token_exp_form"),
    ],
)
@pytest.mark.fault(9)
def test_times_are_finite(text: str, reason: str) -> None:
    assert reason_against(signed(HEADER, f'{{"sub":"{USER}","exp":{text}}}')) == reason


DAY = 86_400


@pytest.mark.parametrize(
    ("iat", "exp"),
    [
        (NOW, NOW + DAY),
        (NOW - DAY + 1, NOW + 1),
        (NOW - DAY, NOW),
        (NOW + LEEWAY, NOW + DAY),
        (NOW - 1, NOW + 1),
    ],
)
@pytest.mark.fault(10)
def test_a_token_may_live_for_a_day(iat: int, exp: int) -> None:
    assert verifier().bearer(token(iat=iat, exp=exp), now=NOON).expires_at == exp


@pytest.mark.parametrize(
    ("iat", "exp"),
    [
        (NOW, NOW + DAY + 1),
        (NOW - 1, NOW + DAY),
        (NOW - DAY, NOW + 1),
        (NOW + LEEWAY, NOW + DAY + 1),
        (0, NOW + 1),
        (NOW, 32_503_680_000),
    ],
)
@pytest.mark.fault(10)
def test_a_token_may_not_live_for_longer(iat: int, exp: int) -> None:
    assert reason_against(token(iat=iat, exp=exp)) == "token_lives_too_long"


def test_the_last_time_is_the_end_of_the_year_9999() -> None:
    tokens = verifier(options=replace(OPTIONS, token_max_age_seconds=3_000_000 * 86_400))

    assert tokens.bearer(token(exp=253_402_300_799), now=NOON).expires_at == 253_402_300_799
    assert reason_against(token(exp=253_402_300_800), tokens) == "token_exp_form"


def test_the_deployment_says_how_long_a_token_may_live() -> None:
    tokens = verifier(options=replace(OPTIONS, token_max_age_seconds=300))

    assert tokens.bearer(token(exp=NOW + 300), now=NOON).expires_at == NOW + 300
    assert reason_against(token(exp=NOW + 301), tokens) == "token_lives_too_long"
