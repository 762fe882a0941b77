"""Where prompts are handed in: durably before it is said, and once per Idempotency-Key."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from functions.generate.problems import Invalid, KeyReused
from functions.shared.chats.model import prompt_id_of
from functions.shared.generations.model import Status
from tests.support.builders import NOON, generation
from tests.unit.generate.shelf import Line, Shelf
from tests.unit.generate.submissions import call, request, submission


def test_a_prompt_is_recorded_and_queued(shelf: Shelf, line: Line) -> None:
    accepted = submission(shelf, line).submit(request(), call(None))

    assert accepted == generation(
        accepted.generation_id,
        request_hash=request().fingerprint(),
        prompt_id=prompt_id_of(accepted.generation_id),
        prompt_number=1,
        chat_version=1,
    )
    assert shelf.kept == {accepted.generation_id: accepted}
    assert shelf.prompts == {accepted.generation_id: "Tell me about otters"}
    assert line.sent == [accepted.generation_id]


def test_without_a_key_every_prompt_is_a_new_one(shelf: Shelf, line: Line) -> None:
    requests = [request(chat_id=f"chat_{number}") for number in range(20)]
    ids = {submission(shelf, line).submit(each, call(None)).generation_id for each in requests}

    assert len(ids) == 20
    assert all(len(generation_id) == 32 for generation_id in ids)


def test_the_same_key_is_the_same_generation(shelf: Shelf, line: Line) -> None:
    first = submission(shelf, line).submit(request(), call("k"))
    later = submission(shelf, line).submit(request(), call("k", NOON + timedelta(hours=1)))

    assert later == first
    assert set(line.sent) == {first.generation_id}


@pytest.mark.parametrize("status", [Status.PROCESSING, Status.COMPLETED, Status.FAILED, Status.CANCELLED])
def test_a_key_whose_generation_has_begun_queues_nothing(shelf: Shelf, line: Line, status: Status) -> None:
    first = submission(shelf, line).submit(request(), call("k"))
    shelf.kept[first.generation_id] = replace(first, status=status)
    line.sent.clear()

    again = submission(shelf, line).submit(request(), call("k"))

    assert again.generation_id == first.generation_id
    assert line.sent == []


@pytest.mark.parametrize("change", [{"prompt": "Another"}, {"chat_id": "chat_2"}, {"model": "gpt-other"}])
def test_the_same_key_with_another_request_is_refused(
    shelf: Shelf, line: Line, change: dict[str, str]
) -> None:
    first = submission(shelf, line).submit(request(), call("k"))
    line.sent.clear()

    with pytest.raises(KeyReused):
        submission(shelf, line).submit(request(**change), call("k"))

    assert shelf.kept == {first.generation_id: first}
    assert line.sent == []


def test_the_same_key_of_two_users_is_two_keys(shelf: Shelf, line: Line) -> None:
    mine = submission(shelf, line).submit(request(), call("k"))
    theirs = submission(shelf, line).submit(request(user_id="other", prompt="Another"), call("k"))

    assert mine.generation_id != theirs.generation_id


@pytest.mark.parametrize(
    ("asked", "given"), [(None, "gpt-test"), ("gpt-test", "gpt-test"), ("gpt-other",) * 2]
)
def test_a_request_may_choose_among_the_allowed_models(
    shelf: Shelf, line: Line, asked: str | None, given: str
) -> None:
    assert submission(shelf, line).submit(request(model=asked), call(None)).model == given


def test_another_model_is_refused_with_the_choice_there_is(shelf: Shelf, line: Line) -> None:
    with pytest.raises(Invalid) as problem:
        submission(shelf, line).submit(request(model="canary"), call(None))

    assert problem.value.facts["errors"] == [
        {"field": "model", "message": "must be one of: gpt-other, gpt-test"}
    ]
    assert shelf.kept == {}
