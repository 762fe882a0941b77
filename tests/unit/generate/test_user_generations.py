"""A user's generations are found and cancelled by that user alone."""

from __future__ import annotations

import pytest

from functions.generate.problems import NotFound
from functions.shared.generations.model import Status
from tests.support.builders import NOON, USER, generation
from tests.unit.generate.shelf import Line, Shelf
from tests.unit.generate.submissions import call, request, submission, user_generations


@pytest.mark.parametrize("user_id", ["other", "", USER.upper()])
def test_nobody_else_finds_or_cancels_a_generation(shelf: Shelf, line: Line, user_id: str) -> None:
    mine = submission(shelf, line).submit(request(), call(None))

    with pytest.raises(NotFound) as foreign:
        user_generations(shelf, line).find(mine.generation_id, user_id=user_id, now=NOON)
    with pytest.raises(NotFound):
        user_generations(shelf, line).cancel(mine.generation_id, user_id=user_id, now=NOON)
    with pytest.raises(NotFound) as missing:
        user_generations(shelf, line).find("f" * 32, user_id=user_id, now=NOON)

    assert str(foreign.value) == str(missing.value)
    assert shelf.kept[mine.generation_id] == mine


@pytest.mark.parametrize(
    ("before", "after", "asked"),
    [
        (Status.QUEUED, Status.CANCELLED, False),
        (Status.PROCESSING, Status.PROCESSING, True),
        (Status.COMPLETED, Status.COMPLETED, False),
        (Status.FAILED, Status.FAILED, False),
        (Status.CANCELLED, Status.CANCELLED, False),
    ],
)
def test_to_cancel_is_to_ask_whoever_has_it(
    shelf: Shelf, line: Line, before: Status, after: Status, *, asked: bool
) -> None:
    shelf.kept["g"] = generation("g", status=before)

    user_generations(shelf, line).cancel("g", user_id=USER, now=NOON)
    user_generations(shelf, line).cancel("g", user_id=USER, now=NOON)

    assert (shelf.kept["g"].status, shelf.kept["g"].cancel_requested) == (after, asked)
