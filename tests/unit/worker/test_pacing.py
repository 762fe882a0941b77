"""How far apart frames are: dense at first, and as far as the account's load says."""

from __future__ import annotations

import pytest

from functions.worker.pacing import DENSE, WIDEST, Pacing
from tests.unit.worker.builders import worker_options


@pytest.fixture
def pacing() -> Pacing:
    return Pacing(options=worker_options())


def test_frames_are_dense_in_the_first_second_of_a_text(pacing: Pacing) -> None:
    assert pacing.interval(age=0, now=0) == 0.1
    assert pacing.interval(age=DENSE, now=0) == 0.25


def test_one_socket_that_reads_slowly_does_not_slow_the_others(pacing: Pacing) -> None:
    for second in range(10):
        pacing.refused("slow", now=second / 10)

    assert pacing.factor(1) == 1


def test_refusals_of_different_sockets_widen_all_at_once_and_once(pacing: Pacing) -> None:
    for number in range(20):
        pacing.refused(f"socket {number}", now=10 + number / 100)

    assert pacing.interval(age=5, now=10.2) == pytest.approx(0.5, abs=0.05)


def test_refusals_far_apart_have_nothing_to_do_with_each_other(pacing: Pacing) -> None:
    pacing.refused("a", now=10)
    pacing.refused("b", now=12)

    assert pacing.factor(12) == 1


def test_no_load_makes_text_later_than_two_seconds(pacing: Pacing) -> None:
    for second in range(60):
        pacing.refused("a", now=second)
        pacing.refused("b", now=second + 0.1)

    assert pacing.interval(age=0, now=60) <= WIDEST
    assert pacing.interval(age=5, now=60) == WIDEST


def test_the_pace_narrows_little_by_little_when_refusals_end(pacing: Pacing) -> None:
    pacing.refused("a", now=10)
    pacing.refused("b", now=10)

    intervals = [pacing.interval(age=5, now=10 + second) for second in range(6)]

    assert intervals == sorted(intervals, reverse=True)
    assert (intervals[0], intervals[-1]) == (0.5, 0.25)
