"""What the stand-in model writes."""

from __future__ import annotations

import pytest

from local.stand_in.answers import LENGTH, answer_to, pieces_of


def test_the_same_question_has_the_same_answer() -> None:
    assert answer_to("otters") == answer_to("otters") != answer_to("beavers")


def test_the_stand_in_says_what_it_is_and_what_it_was_asked() -> None:
    answer = answer_to("Tell me about otters")

    assert "stand-in" in answer
    assert "“Tell me about otters”" in answer


@pytest.mark.parametrize("prompt", ["", "otters", "words " * 1000, "\N{OTTER}" * 999, "\ud800 alone"])
def test_an_answer_has_two_hundred_words_of_valid_text(prompt: str) -> None:
    pieces = pieces_of(prompt)

    assert len(pieces) == LENGTH
    assert "".join(pieces).encode()
    assert all(piece.strip() for piece in pieces)


def test_a_shorter_answer_is_the_beginning_of_the_whole() -> None:
    assert answer_to("otters").startswith(answer_to("otters", length=7))
