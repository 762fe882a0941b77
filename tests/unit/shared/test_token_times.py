"""When a token counts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from functions.shared.errors import Unauthenticated
from tests.support.builders import NOON, USER
from tests.support.tokens import HEADER, reason_against, signed, token, verifier

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
    [("exp", "token_exp_missing"), ("sub", "token_user_missing_or_contradictory")],
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
