"""An accepted prompt has a message in the queue, through outages and lost workers."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from functions.shared.errors import Unavailable
from functions.shared.generations.model import Status
from tests.support.builders import NOON, generation
from tests.unit.generate.shelf import Line, Shelf
from tests.unit.generate.submissions import call, queueing, request, submission


def test_when_the_queue_is_down_nothing_stays_accepted(shelf: Shelf, line: Line) -> None:
    line.down = True

    with pytest.raises(Unavailable):
        submission(shelf, line).submit(request(), call("k"))

    assert [kept.status for kept in shelf.kept.values()] == [Status.FAILED]


def test_after_an_outage_the_same_key_is_queued(shelf: Shelf, line: Line) -> None:
    line.down = True
    with pytest.raises(Unavailable):
        submission(shelf, line).submit(request(), call("k"))
    line.down = False

    later = NOON + timedelta(hours=1)
    accepted = submission(shelf, line).submit(request(), call("k", later))

    kept = shelf.kept[accepted.generation_id]
    assert (kept.status, kept.start_by) == (Status.QUEUED, later + timedelta(minutes=5))
    assert line.sent == [accepted.generation_id]


def test_when_only_the_reply_was_lost_the_prompt_is_accepted(shelf: Shelf, line: Line) -> None:
    def worker_takes_it(generation_id: str) -> None:
        shelf.kept[generation_id] = replace(shelf.kept[generation_id], status=Status.PROCESSING)

    line.down, line.taken = True, worker_takes_it

    accepted = submission(shelf, line).submit(request(), call("k"))

    assert shelf.kept[accepted.generation_id].status is Status.PROCESSING


def test_a_key_that_was_recorded_but_never_queued_is_queued_now(shelf: Shelf, line: Line) -> None:
    """The function died between its two writes."""
    first = submission(shelf, line).submit(request(), call("k"))
    line.sent.clear()

    submission(shelf, line).submit(request(), call("k"))

    assert line.sent == [first.generation_id]


@pytest.mark.parametrize(
    ("status", "lease", "age", "rescued"),
    [
        (Status.QUEUED, None, 30, False),
        (Status.QUEUED, None, 31, True),
        (Status.PROCESSING, 60, 65, False),
        (Status.PROCESSING, 60, 66, True),
        (Status.COMPLETED, 60, 65, False),
        (Status.COMPLETED, 60, 66, True),
        (Status.CANCELLED, None, 31, True),
    ],
)
def test_what_no_worker_seems_to_have_is_queued_again_once(
    shelf: Shelf, line: Line, status: Status, lease: int | None, age: int, *, rescued: bool
) -> None:
    until = None if lease is None else NOON + timedelta(seconds=lease)
    found = shelf.kept["g"] = generation("g", status=status, lease_until=until)

    for _ in range(2):
        queueing(shelf, line).requeue_if_stranded(found, now=NOON + timedelta(seconds=age))

    assert line.sent == (["g"] if rescued else [])


def test_an_end_that_was_told_needs_no_rescue(shelf: Shelf, line: Line) -> None:
    told = generation("g", status=Status.COMPLETED, lease_until=NOON, announced=True)

    queueing(shelf, line).requeue_if_stranded(told, now=NOON + timedelta(hours=1))

    assert line.sent == []


def test_a_requeue_that_fails_disturbs_nobody(shelf: Shelf, line: Line) -> None:
    line.down = True

    queueing(shelf, line).requeue_if_stranded(generation("g"), now=NOON + timedelta(minutes=1))

    assert shelf.requeued.keys() == {"g"}
