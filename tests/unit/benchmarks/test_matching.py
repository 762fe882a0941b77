from __future__ import annotations

import pytest

from benchmarks.load.matching import match
from benchmarks.model.script import token, tokens_in

SECOND = 1_000_000_000
TOKENS = [token("r1u1-1", number, sent=number * SECOND) for number in range(6)]
SENT = "".join(TOKENS)


def arrived(text: str, *, at: int) -> list[tuple[int, int]]:
    return [(len(text), at * SECOND)]


def test_a_whole_answer_has_no_fault() -> None:
    found = match(SENT, arrived(SENT, at=7), SENT)

    assert found.is_exact
    assert found.delays == [7, 6, 5, 4, 3, 2]


def test_a_token_has_come_when_the_frame_with_its_last_character_has() -> None:
    first = len(TOKENS[0]) + 3

    found = match(SENT, [(first, 1 * SECOND), (len(SENT), 9 * SECOND)], SENT)

    assert found.delays == [1, 8, 7, 6, 5, 4]


def test_a_frame_that_ends_with_a_token_brought_that_token() -> None:
    first = len(TOKENS[0])

    found = match(SENT, [(first, 1 * SECOND), (len(SENT), 9 * SECOND)], SENT)

    assert found.delays[:2] == [1, 8]


def test_what_is_missing_is_lost() -> None:
    text = "".join(TOKENS[:2] + TOKENS[4:])

    found = match(text, arrived(text, at=7), SENT)

    assert found.lost == len(TOKENS[2]) + len(TOKENS[3])
    assert (found.doubled, found.disordered, found.foreign) == (0, 0, 0)


def test_of_nothing_everything_is_lost() -> None:
    assert match("", [], SENT).lost == len(SENT)


def test_what_is_there_again_is_doubled() -> None:
    text = "".join([*TOKENS[:3], *TOKENS[1:]])

    found = match(text, arrived(text, at=7), SENT)

    assert found.doubled == len(TOKENS[1]) + len(TOKENS[2])
    assert (found.lost, found.disordered, found.foreign) == (0, 0, 0)


def test_what_comes_after_a_later_one_is_out_of_order() -> None:
    text = "".join([TOKENS[0], TOKENS[2], TOKENS[1], *TOKENS[3:]])

    found = match(text, arrived(text, at=7), SENT)

    assert found.disordered == len(TOKENS[1])
    assert (found.lost, found.doubled, found.foreign) == (0, 0, 0)


@pytest.mark.parametrize("strange", ["�", "r1u2-1.0.5 ", "r1u1-2.0.0 ", "r1u1-1.0.77 "])
def test_what_this_call_never_sent_is_foreign(strange: str) -> None:
    text = SENT + strange

    found = match(text, arrived(text, at=7), SENT)

    assert found.foreign == len(strange)
    assert (found.lost, found.doubled, found.disordered) == (0, 0, 0)


def test_a_garbled_token_is_lost_and_foreign() -> None:
    broken = TOKENS[3].replace(".", ",", 1)
    text = SENT.replace(TOKENS[3], broken)

    found = match(text, arrived(text, at=7), SENT)

    assert found.lost == len(TOKENS[3])
    assert found.foreign == len(broken)


def test_tokens_are_found_where_they_stand_whatever_they_end_with() -> None:
    found = list(tokens_in(SENT))

    assert [each.number for each in found] == list(range(6))
    assert "".join(SENT[each.start : each.end] for each in found) == SENT
    assert {SENT[each.end - 1] for each in found} == set(" é漢🦦")
