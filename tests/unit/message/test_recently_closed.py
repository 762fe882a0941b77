"""Who was closed is remembered, but not for ever."""

from __future__ import annotations

from functions.message.recently_closed import MOST, RecentlyClosed


def test_who_was_closed_is_remembered() -> None:
    recently_closed = RecentlyClosed()
    recently_closed.add("c1")

    assert "c1" in recently_closed
    assert "c2" not in recently_closed


def test_the_oldest_make_room() -> None:
    recently_closed = RecentlyClosed()
    for number in range(MOST + 2):
        recently_closed.add(f"c{number}")

    assert [f"c{number}" in recently_closed for number in (0, 1, 2, MOST + 1)] == [False, False, True, True]
