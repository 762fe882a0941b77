"""The Idempotency-Key: one generation and one answer, however often and however parallel it comes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from functions.generate import wiring
from functions.shared.generations.model import Status
from functions.shared.generations.reader import GenerationReader
from tests.integration.generate.site import PATH, Site
from tests.support.builders import USER
from tests.support.environment import TABLE_NAME

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


def test_the_same_key_gets_the_same_answer_to_the_byte(site: Site) -> None:
    first = site.ask(key="k")
    site.claim(first.body["generation_id"])
    site.queued()

    again = site.ask(key="k")

    assert again == first
    assert site.recorded(first.body["generation_id"]).status is Status.PROCESSING
    assert site.queued() == []


@pytest.mark.fault(48)
def test_the_same_key_with_another_request_is_refused(site: Site) -> None:
    first = site.ask(key="k")
    site.queued()

    other = site.ask(key="k", prompt="Tell me about beavers")

    assert (other.status, other.code) == (422, "idempotency_key_reused")
    assert site.queued() == []
    assert site.ask(key="k") == first


def test_the_same_key_of_two_users_is_two_keys(site: Site) -> None:
    assert site.ask(key="k").body["generation_id"] != site.ask(key="k", user="other").body["generation_id"]


@pytest.mark.parametrize("key", ["", " ", "a b", "ü", "x" * 256, "a\n"])
def test_a_key_is_short_and_printable(site: Site, key: str) -> None:
    headers = {"idempotency-key": key}
    body = {"user_id": USER, "chat_id": "c", "prompt": "p"}

    answer = site.call("POST", PATH, body=body, headers=headers)

    assert (answer.status, answer.code) == (400, "malformed")
    assert "Idempotency-Key" in answer.body["detail"]
    assert site.items() == []


def test_the_longest_key_is_long_enough(site: Site) -> None:
    assert site.ask(key="~" * 255).status == 202


def test_fifty_requests_with_the_same_key_at_once_are_one_generation(site: Site) -> None:
    """Threads against moto show that our side of the race is right; they prove nothing of DynamoDB."""
    with ThreadPoolExecutor(50) as crowd:
        answers = list(crowd.map(lambda _: site.ask(key="k"), range(50)))

    assert len({(answer.status, answer.text) for answer in answers}) == 1
    assert answers[0].status == 202
    assert [item["sk"]["S"] for item in site.kept()] == ["META"]
    assert set(site.queued()) == {answers[0].body["generation_id"]}


def test_two_hundred_repetitions_of_a_waiting_prompt_are_two_sends(site: Site) -> None:
    """Each send is two messages, one of which comes later (docs/decisions/0016)."""
    answers = [site.ask(key="k") for _ in range(200)]

    assert {(answer.status, answer.text) for answer in answers} == {(202, answers[0].text)}
    assert len(site.queued()) == 2


@pytest.mark.fault(48)
def test_of_thirty_prompts_under_a_new_key_at_once_one_is_stored(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    api = wiring.api()
    blind = replace(api.submission, archive=Blind(site.dynamodb, TABLE_NAME), limits=NoLimits())
    monkeypatch.setattr(wiring, "api", lambda: replace(api, submission=blind))

    statuses = [
        site.ask(key="k", prompt=f"Prompt {number}", chat_id=f"chat_{number}").status for number in range(30)
    ]

    assert sorted(statuses) == [202, *[422] * 29]
    assert [item["text"]["S"] for item in site.items() if "text" in item] == ["Prompt 0"]


class Blind(GenerationReader):
    """What a request sees whose rivals have not written yet."""

    def find(self, *_: object, **__: object) -> None:
        return None


class NoLimits:
    """As if every one of them was counted already."""

    def admit(self, *_: object, **__: object) -> None:
        """Let it pass."""


def test_an_expired_record_makes_room_for_its_key(site: Site, dynamodb: DynamoDBClient) -> None:
    first = site.ask(key="k")
    generation_id = first.body["generation_id"]
    dynamodb.update_item(
        TableName=TABLE_NAME,
        Key={"pk": {"S": f"GENERATION#{generation_id}"}, "sk": {"S": "META"}},
        UpdateExpression="SET expires_at = :past, chat_id = :old",
        ExpressionAttributeValues={":past": {"N": "1"}, ":old": {"S": "old"}},
    )

    assert site.ask(key="k", prompt="Tell me about beavers", chat_id="chat_2").status == 202
    assert site.recorded(generation_id).chat_id == "chat_2"
