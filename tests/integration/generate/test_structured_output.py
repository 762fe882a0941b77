"""A prompt with a form for its answer: kept beside the generation for as long as that is of use."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from functions.shared.generations.model import Outcome, Status
from functions.shared.generations.reader import GenerationReader
from tests.integration.generate.answering import begun, ended
from tests.support import environment
from tests.support.environment import TABLE_NAME

if TYPE_CHECKING:
    from functions.shared.generations.response_format import ResponseFormat
    from tests.integration.generate.site import Answer, Site

SCHEMA = {"type": "object", "properties": {"b": {"type": "string"}, "canary": {}}, "required": ["b"]}
FORM: dict[str, Any] = {"type": "json_schema", "json_schema": {"name": "otter", "schema": SCHEMA}}


def form_of(site: Site, answer: Answer) -> ResponseFormat | None:
    generation = site.recorded(answer.body["generation_id"])
    return GenerationReader(site.dynamodb, TABLE_NAME).response_format(generation)


def test_the_form_is_kept_with_the_generation_in_an_item_of_its_own(site: Site) -> None:
    answer = site.ask(response_format=FORM)

    assert answer.status == 202
    form = form_of(site, answer)
    assert form is not None
    assert json.loads(form.text) == FORM
    assert list(form.schema["properties"]) == ["b", "canary"]
    [meta] = [item for item in site.items() if item["sk"]["S"] == "META"]
    assert "canary" not in json.dumps(meta)


def test_without_one_nothing_is_kept(site: Site) -> None:
    answer = site.ask()

    assert form_of(site, answer) is None
    assert "FORMAT" not in {item["sk"]["S"] for item in site.items()}


def test_a_form_that_cannot_be_used_is_refused_with_its_place_and_nothing_is_kept(site: Site) -> None:
    form = {"type": "json_schema", "json_schema": {"name": "x", "schema": {"properties": {"a": {"type": 1}}}}}

    refused = site.ask(response_format=form)

    assert (refused.status, refused.code) == (422, "invalid")
    [error] = refused.body["errors"]
    assert error["field"] == "response_format.json_schema.schema.properties.a.type"
    assert site.kept() == []


def test_the_same_key_with_another_form_is_refused(site: Site) -> None:
    first = site.ask(key="k", response_format=FORM)

    assert site.ask(key="k", response_format=FORM) == first
    assert site.ask(key="k").code == "idempotency_key_reused"
    assert site.ask(key="k", response_format={"type": "json_object"}).code == "idempotency_key_reused"


def test_an_answer_that_is_made_anew_has_the_form_of_the_one_before(site: Site) -> None:
    first = site.ask(response_format=FORM)
    begun(site, first.body["generation_id"], "{}")
    ended(site, first.body["generation_id"], Outcome(status=Status.COMPLETED, length=2))

    again = site.call(
        "POST",
        f"/api/chat/generations/{first.body['generation_id']}/regenerate",
        body={"user_id": first.body["user_id"]},
    )

    assert again.status == 202
    assert form_of(site, again) == form_of(site, first)


def test_a_prompt_that_waits_keeps_its_form_until_it_leaves_the_queue(site: Site) -> None:
    site.ask()
    waiting = site.ask(response_format=FORM, on_busy="queue")
    assert form_of(site, waiting) is not None

    site.cancel(waiting.body["generation_id"])

    assert "canary" not in json.dumps(site.items())


def test_a_prompt_that_could_not_be_queued_leaves_no_form_and_the_same_key_brings_it_back(site: Site) -> None:
    site.sqs.delete_queue(QueueUrl=environment.QUEUE_URL)
    assert site.ask(key="k", response_format=FORM).status == 503
    assert "canary" not in json.dumps(site.items())

    name = environment.QUEUE_URL.rpartition("/")[2]
    site.sqs.create_queue(QueueName=name)

    again = site.ask(key="k", response_format=FORM)
    assert again.status == 202
    assert form_of(site, again) is not None


def test_a_deleted_chat_leaves_no_form(site: Site) -> None:
    first = site.ask(response_format=FORM)
    begun(site, first.body["generation_id"], "{}")
    ended(site, first.body["generation_id"], Outcome(status=Status.COMPLETED, length=2))

    assert site.call("DELETE", "/api/chat/chats/chat_1").status == 200

    assert "canary" not in json.dumps(site.items())


@pytest.mark.parametrize("length", [16_384, 16_385])
def test_a_form_has_a_largest_size_whatever_the_prompts(site: Site, length: int) -> None:
    said = {"name": "x", "schema": {"title": ""}}
    said["schema"]["title"] = "ü" * ((length - len(json.dumps(said, separators=(",", ":")))) // 2)  # type: ignore[index]
    spare = length - len(json.dumps(said, separators=(",", ":"), ensure_ascii=False).encode())
    said["schema"]["title"] += "u" * spare  # type: ignore[index]

    answer = site.ask(response_format={"type": "json_schema", "json_schema": said})

    assert answer.status == (202 if length == 16_384 else 422)
