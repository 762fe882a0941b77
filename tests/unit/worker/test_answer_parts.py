"""The parts of an answer: their order, their places and their bounds."""

from __future__ import annotations

import json
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.shared.generations.parts import StoredPart, joined_parts
from functions.worker.answer_parts import BEGIN, LARGEST_EXTRA, MOST_EXTRAS
from functions.worker.answer_text import AnswerText
from functions.worker.extras import data, source
from functions.worker.model import Extra

OTTER = Extra("source", '{"url":"https://o.example"}')


def answer(*written: str | Extra) -> AnswerText:
    """An answer. What begins with a question mark is reasoning."""
    made = AnswerText(attempt=1)
    for piece in written:
        write(made, piece)
    return made


def write(made: AnswerText, piece: str | Extra) -> None:
    if isinstance(piece, Extra):
        made.add(piece)
    elif piece.startswith("?"):
        made.reason(piece[1:])
    else:
        made.append(piece)


def places(made: AnswerText) -> list[tuple[int, str, int, str]]:
    return [(part.index, part.kind, part.text_offset, part.written.text) for part in made.parts.parts]


def test_reasoning_in_a_row_is_one_part() -> None:
    assert places(answer("?Hm, ", "?otters", "Otters.")) == [(0, "reasoning", 0, "Hm, otters")]


def test_the_text_between_two_parts_is_a_part_too() -> None:
    made = answer("?hm", "Otters", " hold ", "?well", OTTER, "hands.", "?so")

    assert places(made) == [
        (0, "reasoning", 0, "hm"),
        (2, "reasoning", 12, "well"),
        (3, "source", 12, OTTER.text),
        (5, "reasoning", 18, "so"),
    ]


def test_places_count_code_points() -> None:
    assert places(answer("🦦é", "?hm"))[0][:3] == (1, "reasoning", 2)


def test_half_a_character_at_the_end_of_a_part_is_none() -> None:
    assert places(answer("?a\ud83d", "x", "?\ude00b"))[0][3] == "a\ufffd"
    assert places(answer("?a\ud83d", "?\ude00b"))[0][3] == "a😀b"


def test_a_source_is_told_once() -> None:
    again = Extra("source", '{"url":"https://o.example","title":"Otters"}')

    assert places(answer(OTTER, "a", again, "b")) == [(0, "source", 0, OTTER.text)]


def test_there_are_so_many_extras_and_no_more() -> None:
    made = answer(*(data("n", number) or OTTER for number in range(MOST_EXTRAS + 5)))

    assert len(made.parts.parts) == MOST_EXTRAS


@pytest.mark.parametrize("value", ["x" * (LARGEST_EXTRA + 1), '"' * (LARGEST_EXTRA - 100), "é" * 9000])
def test_what_does_not_fit_into_a_message_is_left_out(value: str) -> None:
    made = answer(Extra("data", value), OTTER)

    assert [part.kind for part in made.parts.parts] == ["source"]


def test_what_comes_after_a_stop_is_only_counted() -> None:
    made = answer("?hm", "a")
    made.stop()

    made.reason("more")
    made.append("text")
    made.add(OTTER)

    assert places(made) == [(0, "reasoning", 0, "hm")]
    assert made.received == "hmamoretext"


def test_another_attempt_begins_with_nothing() -> None:
    made = answer("?hm", OTTER, "a")

    made.restart(2)

    assert (places(made), made.received, made.is_begun) == ([], "", False)
    made.add(OTTER)
    assert places(made) == [(0, "source", 0, OTTER.text)]


@pytest.mark.parametrize("written", ["?hm", "a", OTTER])
def test_an_answer_has_begun_with_whatever_is_shown_of_it(written: str | Extra) -> None:
    assert not answer().is_begun
    assert answer(written).is_begun


WRITTEN = st.lists(
    st.one_of(
        st.text(max_size=9),
        st.text(max_size=9).map(lambda text: "?" + text),
        st.integers(0, 10**6).map(lambda number: Extra("data", json.dumps(number))),
    ),
    max_size=30,
)


@given(WRITTEN, st.data())
def test_what_is_stored_piece_by_piece_is_what_was_written(
    written: list[str | Extra], draws: st.DataObject
) -> None:
    made, mark, stored = AnswerText(attempt=1), BEGIN, list[StoredPart]()
    for piece in written:
        write(made, piece)
        if draws.draw(st.booleans()):
            pieces, following = made.parts.unstored(mark, keeps_reasoning=True)
            stored += pieces
            mark = (
                following if draws.draw(st.booleans()) else mark
            )  # The reply was lost, and it is stored again.
    made.end()
    stored += made.parts.unstored(mark, keeps_reasoning=True)[0]

    joined = joined_parts(sorted(stored, key=lambda piece: (piece.index, piece.offset)))
    assert [(part.index, part.kind, part.text_offset, part.text) for part in joined] == places(made)


def test_of_reasoning_that_is_not_kept_its_place_is_stored_once() -> None:
    made, stored, mark = AnswerText(attempt=1), list[StoredPart](), BEGIN
    for piece in ("?hm", "?more", "a", OTTER, "?again"):
        write(made, piece)
        pieces, mark = made.parts.unstored(mark, keeps_reasoning=False)
        stored += pieces

    assert [(piece.index, piece.kind, piece.text) for piece in stored] == [
        (0, "reasoning", None),
        (2, "source", OTTER.text),
        (3, "reasoning", None),
    ]


def test_what_is_stored_of_another_attempt_is_taken_over() -> None:
    made, first = AnswerText(attempt=2), answer("?hm", "Otters", OTTER)

    made.restore("Otters", first.parts.unstored(BEGIN, keeps_reasoning=True)[0])

    assert places(made) == places(first)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://o.example/a?b#c", True),
        (" http://o.example ", True),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("//o.example", False),
        ("https://o.example/\x07", False),
        (None, False),
        (4, False),
    ],
)
def test_a_source_has_an_address_that_may_become_a_link(url: object, expected: bool) -> None:  # noqa: FBT001
    assert (source(url) is not None) is expected


def test_the_texts_of_a_source_are_short_lines_without_control_characters() -> None:
    extra = source("https://o.example", title="a\n\x1b[31mb \ud800" + "x" * 999, snippet=["no text"])

    assert extra is not None
    document = json.loads(extra.text)
    assert document["title"].startswith("a [31mb \ufffdxxx")
    assert len(document["title"]) == 300
    assert set(document) == {"url", "title"}


def test_counting_goes_on_where_the_reasoning_is_hidden() -> None:
    made = AnswerText(attempt=1)

    for _, word in zip(range(3), count(), strict=False):
        made.reason(f"{word} ", is_shown=False)

    assert (made.is_begun, made.received) == (False, "0 1 2 ")
