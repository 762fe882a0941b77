"""An answer is made anew beside the one there is, if its question is still there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from functions.generate.problems import Busy, NotFound
from functions.generate.requests import RegenerateRequest
from functions.shared.generations.model import Generation, Status
from tests.support.builders import USER
from tests.unit.generate.shelf import Line, Shelf
from tests.unit.generate.submissions import call, deletes, deletes_and_begins_anew, end, request, submission


def regenerated(shelf: Shelf, line: Line, former: Generation, **changes: Any) -> Generation:
    wish = RegenerateRequest(**{"user_id": USER} | changes)
    return submission(shelf, line).regenerate(shelf.kept[former.generation_id], wish, call("again"))


def test_an_answer_is_made_anew_beside_the_one_there_is(shelf: Shelf, line: Line) -> None:
    first = submission(shelf, line).submit(request(), call("a"))
    end(shelf, first)

    again = regenerated(shelf, line, first, model="gpt-other")

    same = (first.prompt_id, first.prompt_number, first.parent_id)
    assert (again.prompt_id, again.prompt_number, again.parent_id) == same
    assert (again.model, again.chat_version, again.is_regenerated) == ("gpt-other", 3, True)
    assert shelf.kept[first.generation_id].status is Status.COMPLETED


def test_an_answer_that_is_being_made_is_not_made_anew(shelf: Shelf, line: Line) -> None:
    first = submission(shelf, line).submit(request(), call("a"))

    with pytest.raises(Busy):
        regenerated(shelf, line, first)


@pytest.mark.parametrize("change", [{"prompt_number": 0}, {"withdrawn": True}])
def test_what_has_no_question_in_the_chat_is_not_made_anew(
    shelf: Shelf, line: Line, change: dict[str, Any]
) -> None:
    first = submission(shelf, line).submit(request(), call("a"))
    shelf.kept[first.generation_id] = replace(first, status=Status.FAILED, **change)

    with pytest.raises(NotFound):
        regenerated(shelf, line, first)


@pytest.mark.parametrize("meanwhile", [deletes, deletes_and_begins_anew])
def test_an_answer_whose_chat_is_deleted_meanwhile_is_not_made_anew(
    shelf: Shelf, line: Line, meanwhile: Callable[[Shelf], None]
) -> None:
    """It would be the answer to a question that is not there."""
    first = submission(shelf, line).submit(request(), call("a"))
    end(shelf, first)
    shelf.rivals.append(lambda: meanwhile(shelf))

    with pytest.raises(NotFound):
        regenerated(shelf, line, first)
    assert line.sent == [first.generation_id]
