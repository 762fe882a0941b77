"""What others do to a chat while a prompt is placed in it loses no prompt and makes none twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from functions.generate.problems import Busy, Invalid
from functions.shared.chats import heads
from functions.shared.errors import Unavailable
from functions.shared.generations.model import Generation
from tests.support.builders import USER, generation
from tests.unit.generate.shelf import Line, Shelf
from tests.unit.generate.submissions import call, deletes, deletes_and_begins_anew, end, request, submission


def test_of_two_prompts_at_once_one_is_answered(shelf: Shelf, line: Line) -> None:
    rival: list[Generation] = []
    shelf.rivals.append(lambda: rival.append(submission(shelf, line).submit(request(), call("a"))))

    with pytest.raises(Busy) as refused:
        submission(shelf, line).submit(request(), call("b"))

    assert refused.value.facts["generation_id"] == rival[0].generation_id


def test_a_chat_that_others_change_again_and_again_is_unavailable(shelf: Shelf, line: Line) -> None:
    def change() -> None:
        chat = shelf.chats.get((USER, "chat_1")) or heads.begun(generation("g"), "", former=None)
        shelf.chats[USER, "chat_1"] = replace(chat, version=chat.version + 1)

    shelf.rivals.extend([change] * 50)

    with pytest.raises(Unavailable):
        submission(shelf, line).submit(request(), call("a"))
    assert line.sent == []


@pytest.mark.parametrize("meanwhile", [deletes, deletes_and_begins_anew])
def test_a_prompt_does_not_follow_an_answer_whose_chat_is_deleted_meanwhile(
    shelf: Shelf, line: Line, meanwhile: Callable[[Shelf], None]
) -> None:
    first = submission(shelf, line).submit(request(), call("a"))
    end(shelf, first)
    shelf.rivals.append(lambda: meanwhile(shelf))

    with pytest.raises(Invalid) as refused:
        submission(shelf, line).submit(request(parent_id=first.generation_id), call("b"))
    assert refused.value.facts["errors"][0]["field"] == "parent_id"


@pytest.mark.parametrize("wish", [{}, {"parent_id": "root"}])
def test_a_prompt_that_follows_nothing_begins_a_chat_anew_that_is_deleted_meanwhile(
    shelf: Shelf, line: Line, wish: dict[str, str]
) -> None:
    end(shelf, submission(shelf, line).submit(request(), call("a")))
    shelf.rivals.append(lambda: deletes(shelf))

    anew = submission(shelf, line).submit(request(**wish), call("b"))

    assert (anew.parent_id, anew.prompt_number) == ("", 4)


def test_of_two_requests_with_the_same_key_neither_finds_the_chat_busy(shelf: Shelf, line: Line) -> None:
    rival: list[Generation] = []
    shelf.rivals.append(lambda: rival.append(submission(shelf, line).submit(request(), call("a"))))

    assert submission(shelf, line).submit(request(), call("a")).generation_id == rival[0].generation_id


@pytest.mark.parametrize("conflicts", [1, 50])
@pytest.mark.parametrize("on_busy", ["reject", "queue", "interrupt"])
def test_a_request_that_collides_with_one_of_the_same_key_has_its_generation(
    shelf: Shelf, line: Line, on_busy: str, conflicts: int
) -> None:
    rival = []

    def accept_and_collide() -> None:
        rival.append(submission(shelf, line).submit(request(on_busy=on_busy), call("a")))
        shelf.conflicts = conflicts

    shelf.rivals.append(accept_and_collide)

    accepted = submission(shelf, line).submit(request(on_busy=on_busy), call("a"))

    assert [accepted] == rival
    assert shelf.conflicts == conflicts - 1, "it was looked up before anything else was tried"


def test_a_request_that_collides_with_one_of_another_key_goes_on(shelf: Shelf, line: Line) -> None:
    shelf.conflicts = 3

    accepted = submission(shelf, line).submit(request(), call("a"))

    assert shelf.kept == {accepted.generation_id: accepted}
