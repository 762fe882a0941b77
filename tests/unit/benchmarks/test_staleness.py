"""Frames of many answers that share the gateway's budget of posts."""

from __future__ import annotations

import pytest

from benchmarks.simulation.assumptions import Quotas
from benchmarks.simulation.runs import GENTLE
from benchmarks.simulation.staleness import DENSE_THEN_WIDE, FIXED, Bucket, staleness

SMALL = Quotas(posts_per_second=100, posts_at_once=50)


def test_the_bucket_gives_what_was_stored_and_then_its_rate() -> None:
    bucket = Bucket(SMALL, SMALL.posts_at_once)

    assert sum(bucket.takes(0) for _ in range(80)) == 50
    assert sum(bucket.takes(0.1) for _ in range(80)) == 10


@pytest.mark.parametrize("pacing", [FIXED, DENSE_THEN_WIDE], ids=lambda pacing: pacing.name)
def test_within_the_budget_text_is_as_old_as_the_interval(pacing: object) -> None:
    assert isinstance(pacing, type(FIXED))

    age = staleness(5, pacing, SMALL, seed=1)

    assert age.p95 == pytest.approx(pacing.interval)
    assert not age.refused


def test_wider_frames_let_more_answers_into_the_same_budget() -> None:
    assert staleness(20, FIXED, SMALL, seed=1).refused > 0.05
    assert not staleness(20, DENSE_THEN_WIDE, SMALL, seed=1).refused


def test_over_the_budget_text_gets_older_and_no_more_is_posted_than_it_allows() -> None:
    age = staleness(200, DENSE_THEN_WIDE, SMALL, seed=1)

    assert age.p50 > 1


def test_sockets_that_learn_from_each_other_are_refused_less_and_served_more_evenly() -> None:
    alone, together = (staleness(100, pacing, SMALL, seed=1) for pacing in (DENSE_THEN_WIDE, GENTLE))

    assert together.refused < alone.refused / 2
    assert together.p95 < alone.p95
