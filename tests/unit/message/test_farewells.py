"""Who was closed is remembered, but not for ever."""

from __future__ import annotations

from functions.message.farewells import MOST, Farewells


def test_who_was_closed_is_remembered() -> None:
    farewells = Farewells()
    farewells.add("c1")

    assert "c1" in farewells
    assert "c2" not in farewells


def test_the_oldest_make_room() -> None:
    farewells = Farewells()
    for number in range(MOST + 2):
        farewells.add(f"c{number}")

    assert [f"c{number}" in farewells for number in (0, 1, 2, MOST + 1)] == [False, False, True, True]
