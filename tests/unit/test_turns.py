"""Deployments of tests come up one after the other."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

from tests.support.turns import turn


def test_as_many_come_up_as_there_are_places_and_the_next_waits_for_one(tmp_path: Path) -> None:
    first, waited = ExitStack(), []

    def sleep(seconds: float) -> None:
        waited.append(seconds)
        first.close()

    with first, turn(tmp_path, at_once=2):
        first.enter_context(turn(tmp_path, at_once=2))
        assert not waited
        with turn(tmp_path, at_once=2, sleep=sleep):
            assert waited == [0.2]
