from __future__ import annotations

import pytest

from local.answer import Answer, Gap


def test_pieces_are_put_together_in_order() -> None:
    answer = Answer()

    new = answer.take("Sea ", offset=0, attempt=1) + answer.take("otters 🦦", offset=4, attempt=1)

    assert new == answer.text == "Sea otters 🦦"


def test_what_came_before_is_not_new() -> None:
    answer = Answer(attempt=1, text="Sea otters")

    assert answer.take("otters", offset=4, attempt=1) == ""
    assert answer.take("otters hold hands", offset=4, attempt=1) == " hold hands"


def test_a_later_attempt_starts_again() -> None:
    answer = Answer(attempt=1, text="Sea ot")

    assert answer.take("River", offset=0, attempt=2) == "River"
    assert answer.take("ters", offset=6, attempt=1) == ""
    assert answer.text == "River"


def test_a_piece_after_a_gap_is_not_taken() -> None:
    answer = Answer(attempt=1, text="Sea")

    with pytest.raises(Gap):
        answer.take("hands", offset=9, attempt=1)

    assert answer.text == "Sea"
