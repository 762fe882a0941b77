"""Text from pieces in any order, once, twice or overlapping."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from framestream.answer import Answer

TEXTS = st.text(alphabet="aé🦦\u0301\u2028x ", min_size=1, max_size=40)


def test_what_came_before_is_not_added_again() -> None:
    answer = Answer(1, "Sea otters", 10)

    assert answer.merge("otters", offset=4, attempt=1) == answer
    assert answer.merge("otters hold", offset=4, attempt=1).text == "Sea otters hold"


def test_text_after_a_gap_is_not_kept_but_known() -> None:
    answer = Answer(1, "Sea", 3).merge("hands", offset=9, attempt=1)

    assert (answer.text, answer.known, answer.has_gap) == ("Sea", 14, True)


def test_a_later_attempt_voids_the_text_and_an_earlier_one_is_ignored() -> None:
    answer = Answer(1, "Sea ot", 6).merge("River", offset=0, attempt=2)

    assert answer == Answer(2, "River", 5)
    assert answer.merge("ters", offset=6, attempt=1) == answer


@given(text=TEXTS, cuts=st.lists(st.tuples(st.integers(0, 40), st.integers(1, 40)), max_size=30))
def test_any_pieces_in_any_order_leave_a_prefix_and_no_gap_means_that_all_of_them_are_in(
    text: str, cuts: list[tuple[int, int]]
) -> None:
    answer, furthest = Answer(), 0
    for start, length in cuts:
        if delta := text[start : start + length]:
            answer = answer.merge(delta, offset=start, attempt=1)
            furthest = max(furthest, start + len(delta))

        assert text.startswith(answer.text)
        assert answer.known == furthest
        assert answer.has_gap == (len(answer.text) < furthest)

    whole = answer.merge(text[len(answer.text) :], offset=len(answer.text), attempt=1)
    assert whole.text == text
    assert not whole.has_gap


@given(attempts=st.lists(st.tuples(st.integers(1, 4), TEXTS), max_size=20))
def test_only_the_highest_attempt_counts(attempts: list[tuple[int, str]]) -> None:
    answer = Answer()
    for attempt, text in attempts:
        answer = answer.merge(
            text, offset=len(answer.text) if attempt == answer.attempt else 0, attempt=attempt
        )

    latest = max((attempt for attempt, _ in attempts), default=0)
    assert answer.attempt == latest
    assert answer.text == "".join(text for attempt, text in attempts if attempt == latest)
