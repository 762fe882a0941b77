"""Where a prompt gets its place in its chat: one answer at a time, in order, on the branch that is meant."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from functions.generate.problems import Busy, Invalid, StaleParent
from functions.shared.errors import Unavailable
from functions.shared.generations.model import Status
from tests.support.builders import NOON, USER
from tests.unit.generate.shelf import Line, Shelf
from tests.unit.generate.submissions import call, end, queueing, request, submission


def test_a_second_prompt_follows_the_first_ones_answer(shelf: Shelf, line: Line) -> None:
    first = submission(shelf, line).submit(request(), call("a"))
    end(shelf, first)

    second = submission(shelf, line).submit(request(), call("b"))

    assert (first.parent_id, first.prompt_number) == ("", 1)
    assert (second.parent_id, second.prompt_number) == (first.generation_id, 3)


def test_one_answer_of_a_chat_is_made_at_a_time(shelf: Shelf, line: Line) -> None:
    first = submission(shelf, line).submit(request(), call("a"))

    with pytest.raises(Busy) as refused:
        submission(shelf, line).submit(request(), call("b"))

    assert refused.value.facts["generation_id"] == first.generation_id
    assert shelf.kept.keys() == {first.generation_id}


def test_an_answer_that_has_no_worker_any_more_blocks_its_chat_no_longer(shelf: Shelf, line: Line) -> None:
    lost = submission(shelf, line).submit(request(), call("a"))
    shelf.kept[lost.generation_id] = replace(lost, status=Status.PROCESSING, lease_until=NOON)
    later = NOON + timedelta(minutes=8)

    second = submission(shelf, line).submit(request(), call("b", later))

    assert shelf.chats[USER, "chat_1"].running == second.generation_id


def test_prompts_wait_in_their_order_and_are_not_queued(shelf: Shelf, line: Line) -> None:
    first = submission(shelf, line).submit(request(), call("a"))
    waiting = [submission(shelf, line).submit(request(on_busy="queue"), call(key)) for key in "bc"]

    assert [one.waits for one in waiting] == [True, True]
    assert shelf.chats[USER, "chat_1"].waiting == tuple(one.generation_id for one in waiting)
    assert line.sent == [first.generation_id]
    assert line.reminded == [first.generation_id] * 2, "what they wait for comes to its end"


def test_a_waiting_prompt_that_is_repeated_goes_on_waiting(shelf: Shelf, line: Line) -> None:
    submission(shelf, line).submit(request(), call("a"))
    waiting = submission(shelf, line).submit(request(on_busy="queue"), call("b"))
    line.sent.clear()
    later = NOON + timedelta(hours=1)

    again = submission(shelf, line).submit(request(on_busy="queue"), call("b", later))
    queueing(shelf, line).requeue_if_stranded(again, now=later)

    assert again == waiting
    assert line.sent == []


def test_what_others_wait_for_has_a_reminder_before_it_is_accepted(shelf: Shelf, line: Line) -> None:
    first = submission(shelf, line).submit(request(), call("a"))
    submission(shelf, line).submit(request(on_busy="queue"), call("b"))
    chat = shelf.chats[USER, "chat_1"]
    shelf.chats[USER, "chat_1"] = replace(chat, running="", is_paused=True)

    second = submission(shelf, line).submit(request(), call("c"))

    assert line.reminded == [first.generation_id, second.generation_id]


def test_an_interruption_stops_what_runs_and_is_first_in_the_queue(shelf: Shelf, line: Line) -> None:
    first = submission(shelf, line).submit(request(), call("a"))
    patient = submission(shelf, line).submit(request(on_busy="queue"), call("b"))

    urgent = submission(shelf, line).submit(request(on_busy="interrupt"), call("c"))

    assert shelf.kept[first.generation_id].cancel_requested
    assert shelf.chats[USER, "chat_1"].waiting == (urgent.generation_id, patient.generation_id)
    assert shelf.chats[USER, "chat_1"].is_interrupting


@pytest.mark.parametrize("wish", [{}, {"on_stale": "fork"}])
def test_a_prompt_with_an_older_parent_begins_a_branch(
    shelf: Shelf, line: Line, wish: dict[str, str]
) -> None:
    first = submission(shelf, line).submit(request(), call("a"))
    end(shelf, first)
    end(shelf, submission(shelf, line).submit(request(), call("b")))

    for key, parent in (("c", first.generation_id), ("d", "root")):
        branch = submission(shelf, line).submit(request(parent_id=parent, **wish), call(key))
        assert branch.parent_id == ("" if parent == "root" else parent)
        end(shelf, branch)


def test_a_prompt_may_wish_to_be_refused_if_its_parent_is_stale(shelf: Shelf, line: Line) -> None:
    first = submission(shelf, line).submit(request(), call("a"))
    end(shelf, first)
    end(shelf, submission(shelf, line).submit(request(), call("b")))

    with pytest.raises(StaleParent) as refused:
        submission(shelf, line).submit(request(parent_id=first.generation_id, on_stale="reject"), call("c"))

    assert refused.value.facts["chat_version"] == 4


def test_a_parent_must_be_an_answer_of_the_chat(shelf: Shelf, line: Line) -> None:
    other = submission(shelf, line).submit(request(chat_id="chat_2"), call("a"))
    end(shelf, other)

    for parent in (other.generation_id, "f" * 32):
        with pytest.raises(Invalid) as refused:
            submission(shelf, line).submit(request(parent_id=parent), call("b"))
        assert refused.value.facts["errors"][0]["field"] == "parent_id"


def test_a_prompt_that_could_not_be_queued_leaves_its_chat_free(shelf: Shelf, line: Line) -> None:
    line.down = True
    with pytest.raises(Unavailable):
        submission(shelf, line).submit(request(), call("a"))
    line.down = False

    second = submission(shelf, line).submit(request(), call("b"))

    assert shelf.chats[USER, "chat_1"].running == second.generation_id
