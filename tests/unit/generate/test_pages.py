"""How much of a text one reply carries."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from functions.generate.pages import LARGEST, Page, page_of

TEXT = "Otters hold hands."


@pytest.mark.parametrize(
    ("pieces", "offset", "page"),
    [
        ([], 0, Page("", 0, has_more=False)),
        ([], 5, Page("", 0, has_more=False)),
        ([(0, TEXT)], 0, Page(TEXT, 18, has_more=False)),
        ([(0, TEXT)], 7, Page(TEXT[7:], 18, has_more=False)),
        ([(0, TEXT)], 18, Page("", 18, has_more=False)),
        ([(0, TEXT)], 99, Page("", 18, has_more=False)),
        ([(5, TEXT[5:9]), (9, TEXT[9:])], 7, Page(TEXT[7:], 18, has_more=False)),
        ([(5, TEXT[5:9]), (7, TEXT[7:])], 6, Page(TEXT[6:], 18, has_more=False)),
        ([(0, TEXT[:9]), (3, TEXT[3:5]), (9, TEXT[9:])], 4, Page(TEXT[4:], 18, has_more=False)),
        ([(0, TEXT[:5]), (6, TEXT[6:])], 2, Page(TEXT[2:5], 5, has_more=False)),
        ([(6, TEXT[6:])], 2, Page("", 0, has_more=False)),
    ],
)
def test_pieces_are_joined_from_an_offset_on_up_to_the_first_gap(
    pieces: list[tuple[int, str]], offset: int, page: Page
) -> None:
    assert page_of(pieces, offset=offset) == page


@pytest.mark.parametrize("character", ["x", "\x01", '"', "\\", "é", "獭", "🦦"])
@pytest.mark.parametrize("size", [10_000, 90_000, 2_000_000])
def test_a_long_text_comes_in_pages_that_are_small_enough(character: str, size: int) -> None:
    text = character * 1_999_999 + "."
    pieces = [(start, text[start : start + size]) for start in range(0, len(text), size)]

    read = ""
    while True:
        page = page_of([(at, piece) for at, piece in pieces if at + len(piece) > len(read)], offset=len(read))
        assert len(json.dumps(json.dumps(page.text, ensure_ascii=False))) <= LARGEST + 10_000
        assert page.text
        read += page.text
        if not page.has_more:
            break

    assert read == text
    assert page.length == len(text)


def test_what_does_not_fit_is_not_read() -> None:
    read: list[int] = []

    def pieces() -> Iterator[tuple[int, str]]:
        for start in range(0, 10_000_000, 100_000):
            read.append(start)
            yield start, "x" * 100_000

    assert page_of(pieces(), offset=0).has_more
    assert max(read) <= LARGEST
