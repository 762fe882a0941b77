"""The growing text."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.worker.answer_text import AnswerText

TRICKY = "👩‍👩‍👧‍👦 🇳🇴 e\u0301 שלום \u2028 \u2029 \x85 \x00 <sequence> \U0010ffff"


def written(pieces: list[str]) -> str:
    answer = AnswerText(attempt=1)
    for piece in pieces:
        answer.append(piece)
    answer.end()
    return answer.text


@given(st.text(), st.data())
@pytest.mark.fault(77)
def test_however_a_text_is_cut_even_inside_surrogate_pairs_it_comes_out_the_same(
    text: str, data: st.DataObject
) -> None:
    halves = [chr(unit) for unit in _utf16_units(text)]
    cuts = sorted(data.draw(st.lists(st.integers(0, len(halves)), max_size=5)))
    edges = [0, *cuts, len(halves)]

    pieces = ["".join(halves[a:b]) for a, b in pairwise(edges)]

    assert written(pieces) == text


def _utf16_units(text: str) -> list[int]:
    data = text.encode("utf-16-le")
    return [int.from_bytes(data[i : i + 2], "little") for i in range(0, len(data), 2)]


def test_an_emoji_whose_two_json_escapes_come_in_two_chunks_is_one_character() -> None:
    chunks = [json.loads(r'"hi \ud83d"'), json.loads(r'"\ude00!"')]

    assert written(chunks) == "hi 😀!"


@pytest.mark.parametrize("pieces", [["a\ud83d"], ["a", "\ud83d"], ["a\udc00"]])  # noqa: PT014
def test_half_a_character_alone_becomes_the_replacement_character(pieces: list[str]) -> None:
    assert written(pieces) == "a\ufffd"


def test_half_a_character_is_held_back_until_its_other_half_comes() -> None:
    answer = AnswerText(attempt=1)

    answer.append("a\ud83d")

    assert answer.text == "a"


def test_tricky_text_is_kept_as_it_is() -> None:
    assert written(list(TRICKY)) == TRICKY


def test_a_restart_drops_the_text_and_half_characters() -> None:
    answer = AnswerText(attempt=1)
    answer.append("old\ud83d")

    answer.restart(2)
    answer.append("new")

    assert (answer.attempt, answer.text) == (2, "new")


def test_a_cut_answer_has_exactly_so_many_code_points() -> None:
    answer = AnswerText(attempt=1)
    answer.append("😀" * 10)

    answer.cut(3)

    assert answer.text == "😀😀😀"


def test_the_length_is_that_of_the_text_whatever_was_done_to_it() -> None:
    answer = AnswerText(attempt=1)
    for piece in ("a😀", "b\ud83d", "\ude00c", "\ud83d"):
        answer.append(piece)
        assert len(answer) == len(answer.text)
    answer.end()
    assert len(answer) == len(answer.text) == 6
    answer.cut(2)
    assert len(answer) == len(answer.text) == 2
    answer.restart(2)
    assert len(answer) == len(answer.text) == 0
