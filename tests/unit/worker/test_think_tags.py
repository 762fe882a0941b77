"""Reasoning in tags at the beginning of a text, however the stream is cut."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.worker.model import Piece
from functions.worker.think_tags import ThinkTags, divided


def read(*texts: str) -> tuple[str, str]:
    """The reasoning and the text of a stream that brings these."""
    tags = ThinkTags()
    pieces = [tags.take(Piece(text)) for text in texts]
    rest = tags.end()
    every = [*pieces, *([rest] if rest else [])]
    return "".join(piece.reasoning for piece in every), "".join(piece.text for piece in every)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<think>hm</think>Otters", ("hm", "Otters")),
        ("\n<think>\nhm\n\nwell\n</think>\n\nOtters\n", ("hm\n\nwell", "Otters\n")),
        ("<thinking>hm</think></thinking>Otters", ("hm</think>", "Otters")),
        ("<think></think>Otters", ("", "Otters")),
        ("<think>\n\n</think>\n\nOtters", ("", "Otters")),
        ("<think>hm, otters", ("hm, otters", "")),
        ("<think>hm </thin", ("hm </thin", "")),
        ("<think>a < b </ c</think>Otters", ("a < b </ c", "Otters")),
        ("Otters <think>are</think> kind", ("", "Otters <think>are</think> kind")),
        ("<think>hm</think>Otters <think>a</think>", ("hm", "Otters <think>a</think>")),
        ("</think>Otters", ("", "</think>Otters")),
        ("<thin otters>", ("", "<thin otters>")),
        ("<thi", ("", "<thi")),
        (" \n ", ("", " \n ")),
        ("  Otters", ("", "  Otters")),
        ("", ("", "")),
    ],
)
def test_reasoning_is_taken_out_of_the_text_wherever_the_stream_is_cut(
    text: str, expected: tuple[str, str]
) -> None:
    assert read(text) == expected
    assert read(*text) == expected
    for cut in range(len(text) + 1):
        assert read(text[:cut], text[cut:]) == expected


@given(st.text(st.sampled_from("<>/think \na"), max_size=40), st.data())
def test_all_ways_to_cut_a_text_come_to_the_same(text: str, draws: st.DataObject) -> None:
    text = draws.draw(st.sampled_from(["", "<think>"])) + text
    cuts = sorted(draws.draw(st.lists(st.integers(0, len(text)), max_size=6)))

    pieces = [text[a:b] for a, b in pairwise([0, *cuts, len(text)])]

    assert read(*pieces) == read(text)


def test_reasoning_is_told_as_it_comes_and_not_at_its_end() -> None:
    tags = ThinkTags()

    assert [tags.take(Piece(text)).reasoning for text in ("<think>", "Hm", ", well", "…")] == [
        "",
        "Hm",
        ", well",
        "…",
    ]


@pytest.mark.parametrize("last", [Piece(finish_reason="stop"), Piece(is_done=True)])
def test_what_is_held_is_told_before_the_end(last: Piece) -> None:
    tags = ThinkTags()
    tags.take(Piece("<thi"))

    assert tags.take(last).text == "<thi"
    assert tags.end() is None


def test_white_space_that_is_held_is_no_word_after_the_last() -> None:
    tags = ThinkTags()
    tags.take(Piece("<think>hm\n"))

    assert tags.take(Piece(finish_reason="stop")) == Piece(finish_reason="stop")


def test_a_piece_keeps_what_else_it_brings() -> None:
    piece = Piece("<think>a</think>b", finish_reason="length", reasoning="field ")

    assert ThinkTags().take(piece) == Piece("b", finish_reason="length", reasoning="field a")


async def test_a_stream_that_just_ends_gives_what_is_held() -> None:
    async def played() -> AsyncGenerator[Piece]:
        yield Piece("<think>hm")
        yield Piece("</th")

    assert [piece async for piece in divided(played())] == [
        Piece(reasoning="hm"),
        Piece(),
        Piece(reasoning="</th"),
    ]
