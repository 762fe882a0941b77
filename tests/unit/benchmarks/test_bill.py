"""A million answers: the frames that are posted, and the worker's seconds from the simulation."""

from __future__ import annotations

import pytest

from benchmarks.simulation.bill import CADENCES, a_million
from tools.costs.answer_usage import Answer

FIXED, DENSE_FIRST, WIDE = CADENCES


@pytest.mark.parametrize(("first", "then", "messages"), [(100, 100, 71), (250, 250, 33), (100, 250, 39)])
def test_frames_are_counted_as_they_are_paced(first: int, then: int, messages: int) -> None:
    # 6.25 s of text: 63 frames, or 25, or 10 in the first second and 21 afterwards; and eight others.
    assert Answer(first_frame_interval_ms=first, frame_interval_ms=then).messages == messages


def test_an_answer_that_is_over_within_its_first_second_has_only_dense_frames() -> None:
    assert Answer(tokens=40, first_frame_interval_ms=100, frame_interval_ms=250).messages == 5 + 8


def test_the_worker_costs_its_seconds_its_memory_and_its_polls() -> None:
    dear, cheap = a_million(WIDE, 1024, 3.0), a_million(WIDE, 512, 2.0)

    # 3 GB-s against 1 at $13.3334 a million, and one poll more at $0.40. A worker of 3 s for each answer is
    # shared by 2.3 of them, one of 2 s by 3.45, for which one message is hidden and 940 B are logged:
    # 0.145 more.
    assert dear - cheap == pytest.approx(2 * 13.3334 + 0.40 + 0.145 * (0.40 + 0.94 * 0.50), abs=0.01)


def test_dense_first_frames_cost_little_more_than_wide_ones() -> None:
    fixed, dense, wide = (a_million(cadence, 512, 2) for cadence in CADENCES)

    assert wide < dense < wide + 7
    assert fixed - dense > 30
