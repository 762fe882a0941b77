"""The judge of the ledger finds what is counted twice, not at all or otherwise than the server counts."""

from __future__ import annotations

from typing import Any

import pytest

from functions.shared.budgets.items import line_item
from functions.shared.budgets.model import LedgerLine
from functions.shared.dynamodb import n, s
from tests.support.builders import NOON
from tests.support.ledger_judge import LedgerJudge

USER = s("BUDGET#ada")
COUNTED = {"prompt_tokens": 6, "completion_tokens": 4, "is_counted": True, "has_begun": True}


def line(generation_id: str = "g1", **changes: Any) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "attempt": 1,
        "call": 1,
        "model": "m",
        "input_tokens": 6,
        "output_tokens": 4,
        "micros": 30,
    }
    return line_item(
        "ada", generation_id, LedgerLine(**facts | changes), at=NOON, price_date="", expires_at=NOON
    )


def counter(tokens: int, micros: int, *, held: int = 0) -> dict[str, Any]:
    used = {"used_tokens": n(tokens), "used_micros": n(micros)}
    committed = {"committed_tokens": n(tokens + held), "committed_micros": n(micros)}
    return {"pk": USER, "sk": s("DAY#2026-11-22"), **used, **committed}


def test_a_ledger_that_says_what_the_server_counted_is_right() -> None:
    totals = LedgerJudge([line(), counter(10, 30)]).judge({"g1": [COUNTED]})

    assert (totals.counted, totals.in_ledger, totals.estimates) == (10, 10, 0)


def test_a_call_that_was_cut_off_stands_apart_as_an_estimate() -> None:
    cut = COUNTED | {"completion_tokens": 5, "is_counted": False}
    estimate = line(is_estimate=True)

    totals = LedgerJudge([estimate, counter(10, 30)]).judge({"g1": [cut]})

    assert (totals.counted, totals.said, totals.estimates) == (0, 11, 10)


def test_what_a_void_attempt_used_is_not_its_users() -> None:
    void = line(attempt=1, is_void=True)

    LedgerJudge([void, line(attempt=2), counter(10, 30)]).judge({"g1": [COUNTED, COUNTED]})


@pytest.mark.parametrize(
    ("items", "wrong"),
    [
        ([line(), line(call=2), counter(20, 60)], "not what the server counted"),
        ([line(output_tokens=5), counter(11, 30)], "not what the server counted"),
        ([line(), counter(20, 60)], "not the sum of its lines"),
        ([line(), counter(10, 30, held=5)], "still held"),
        ([line(), counter(10, 30), {"pk": USER, "sk": s("HOLD#g1")}], "holds are left"),
        ([line("g2"), counter(10, 30)], "unknown generations"),
    ],
)
def test_a_ledger_that_is_wrong_is_found(items: list[dict[str, Any]], wrong: str) -> None:
    with pytest.raises(AssertionError, match=wrong):
        LedgerJudge(items).judge({"g1": [COUNTED]})
