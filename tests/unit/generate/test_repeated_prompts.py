"""However often and in whatever race a prompt is repeated: few messages, and no broken promise."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from functions.generate.idempotency import REOPENINGS
from functions.shared.errors import Unavailable
from functions.shared.generations.model import Status
from tests.support.builders import NOON
from tests.unit.generate.shelf import Line, Shelf
from tests.unit.generate.submissions import call, queueing, request, submission


def repeat(shelf: Shelf, line: Line, times: int, *, over: timedelta) -> int:
    """Repeat one key, evenly over a time. Returns how often the prompt was accepted."""
    accepted = 0
    for number in range(times):
        with suppress(Unavailable):
            submission(shelf, line).submit(request(), call("k", NOON + over * number / times))
            accepted += 1
    return accepted


@pytest.mark.parametrize(("over", "sent"), [(0, 2), (30, 2), (60, 3), (299, 11)])
def test_however_often_a_waiting_prompt_is_repeated_its_messages_are_few(
    shelf: Shelf, line: Line, over: int, sent: int
) -> None:
    assert repeat(shelf, line, 200, over=timedelta(seconds=over)) == 200

    assert len(line.sent) == sent


def test_a_queue_that_takes_messages_and_loses_its_replies_is_not_filled(shelf: Shelf, line: Line) -> None:
    line.down, line.taken = True, line.sent.append

    assert repeat(shelf, line, 200, over=timedelta(minutes=1)) == 0

    assert len(line.sent) == 1 + REOPENINGS + 1


def test_a_prompt_whose_messages_keep_failing_is_never_said_to_be_accepted(shelf: Shelf, line: Line) -> None:
    line.down = True

    assert repeat(shelf, line, 200, over=timedelta(minutes=1)) == 0

    assert [kept.withdrawn for kept in shelf.kept.values()] == [True]


def test_while_a_rival_talks_to_the_queue_nothing_is_promised(shelf: Shelf, line: Line) -> None:
    first = submission(shelf, line).submit(request(), call("k"))
    shelf.requeue(first.generation_id, now=NOON)

    with pytest.raises(Unavailable):
        submission(shelf, line).submit(request(), call("k"))


def test_a_repetition_waits_for_the_rival_that_is_sending(shelf: Shelf, line: Line) -> None:
    first = submission(shelf, line).submit(request(), call("k"))
    shelf.requeue(first.generation_id, now=NOON)
    waiting = submission(shelf, line, sleep=lambda _: shelf.note_queued(first.generation_id, now=NOON))

    assert waiting.submit(request(), call("k")).generation_id == first.generation_id
    assert line.sent == [first.generation_id]


def test_what_a_repetition_was_promised_is_kept_when_the_first_request_fails(
    shelf: Shelf, line: Line
) -> None:
    def repeat_meanwhile(generation_id: str) -> None:
        line.down = False
        submission(shelf, line).submit(request(), call("k"))

    line.down, line.taken = True, repeat_meanwhile

    accepted = submission(shelf, line).submit(request(), call("k"))

    assert shelf.kept[accepted.generation_id].status is Status.QUEUED
    assert line.sent == [accepted.generation_id]


def test_a_repetition_that_fails_does_not_withdraw_what_the_first_request_was_promised(
    shelf: Shelf, line: Line
) -> None:
    """The first request's message is confirmed, and no worker has it yet."""
    accepted = submission(shelf, line).submit(request(), call("k"))
    line.down = True

    with pytest.raises(Unavailable):
        submission(shelf, line).submit(request(), call("k"))

    kept = shelf.kept[accepted.generation_id]
    assert (kept.status, kept.withdrawn) == (Status.QUEUED, False)


def test_the_first_request_does_not_withdraw_what_a_repetition_is_sending(shelf: Shelf, line: Line) -> None:
    def rival_begins_to_send(generation_id: str) -> None:
        assert shelf.requeue(generation_id, now=NOON)

    line.down, line.taken = True, rival_begins_to_send

    with pytest.raises(Unavailable):
        submission(shelf, line).submit(request(), call("k"))

    assert [(kept.status, kept.withdrawn) for kept in shelf.kept.values()] == [(Status.QUEUED, False)]


def test_what_was_withdrawn_and_then_queued_is_repeated_without_another_message(
    shelf: Shelf, line: Line
) -> None:
    line.down = True
    with pytest.raises(Unavailable):
        submission(shelf, line).submit(request(), call("k"))
    line.down = False
    accepted = submission(shelf, line).submit(request(), call("k"))

    repeated = submission(shelf, line).submit(request(), call("k"))

    assert repeated.generation_id == accepted.generation_id
    assert line.sent == [accepted.generation_id]


def test_a_rescue_counts_as_a_message_of_the_prompt(shelf: Shelf, line: Line) -> None:
    first = submission(shelf, line).submit(request(), call("k"))
    later = NOON + timedelta(minutes=1)

    queueing(shelf, line).requeue_if_stranded(first, now=later)
    submission(shelf, line).submit(request(), call("k", later))

    assert line.sent == [first.generation_id] * 2


def test_who_repeats_a_key_rescues_too(shelf: Shelf, line: Line) -> None:
    first = submission(shelf, line).submit(request(), call("k"))
    shelf.kept[first.generation_id] = replace(first, status=Status.PROCESSING, lease_until=NOON)
    line.sent.clear()

    submission(shelf, line).submit(request(), call("k", NOON + timedelta(minutes=1)))

    assert line.sent == [first.generation_id]
