"""Client, server and the listener of the tests put text together as clients/conformance/merge.json says."""

from __future__ import annotations

from typing import Any

import pytest

from framestream.answer import Answer
from functions.shared.generations.reader import joined
from tests.support.conformance import cases
from tests.support.heard import Heard

CASES = cases("merge")


def of_one_attempt(case: Any) -> bool:
    return len({piece["attempt"] for piece in case.values[0]["pieces"]}) == 1


@pytest.mark.parametrize("case", CASES)
def test_the_client_merges_as_every_client_does(case: dict[str, Any]) -> None:
    answer = Answer()
    for piece in case["pieces"]:
        answer = answer.merge(**piece)

    known = {"attempt": answer.attempt, "text": answer.text, "known": answer.known, "gap": answer.has_gap}
    assert known == case["expect"]


@pytest.mark.parametrize("case", [case for case in CASES if of_one_attempt(case)])
def test_the_server_joins_what_it_stored_the_same_way(case: dict[str, Any]) -> None:
    assert joined((piece["offset"], piece["delta"]) for piece in case["pieces"]) == case["expect"]["text"]


@pytest.mark.parametrize("case", CASES)
def test_the_listener_of_the_tests_hears_the_same_text(case: dict[str, Any]) -> None:
    heard = Heard()
    for piece in case["pieces"]:
        frame = {"status": "streaming", "delta": piece["delta"], "offset": piece["offset"]}
        heard.take({"type": "llm_frame", "attempt": piece["attempt"], "frame": frame})

    assert (heard.attempt, heard.text) == (case["expect"]["attempt"], case["expect"]["text"])
