"""`GET /api/chat/generations/{id}` and its cancellation, in every state that a generation can have."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from botocore.client import BaseClient

from functions.shared.generations.failures import Failure
from functions.shared.generations.items import item_of, text_key
from functions.shared.generations.model import Generation, Outcome, Status, Usage
from functions.shared.generations.part_store import PartStore
from functions.shared.generations.parts import StoredPart
from functions.shared.generations.text_store import LARGEST_PIECE, TextStore
from tests.integration.generate.answering import begun, ended, store
from tests.integration.generate.site import Site
from tests.support.builders import USER, generation
from tests.support.chats_in_table import attempts
from tests.support.contract import check_body
from tests.support.environment import TABLE_NAME

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

ID = "0123456789abcdef0123456789abcdef"
MISSING = "f" * 32
TEXT = "Otters 🦦 hold hands."


def put(dynamodb: DynamoDBClient, **changes: Any) -> Generation:
    """Store a generation with the first attempt's text in two pieces that overlap."""
    stored = generation(ID, at=datetime.now(UTC), **changes)
    dynamodb.put_item(TableName=TABLE_NAME, Item=item_of(stored))
    for offset, piece in ((0, TEXT[:10]), (7, TEXT[7:])):
        dynamodb.put_item(
            TableName=TABLE_NAME,
            Item=text_key(ID, 1, offset)
            | {"text": {"S": piece}, "expires_at": item_of(stored)["expires_at"]},
        )
    return stored


def end(dynamodb: DynamoDBClient, stored: Generation, outcome: Outcome) -> None:
    """End a generation as the worker does."""
    attempts(dynamodb).finish(stored, stored.attempt, outcome, now=datetime.now(UTC))


def test_a_queued_generation_has_no_text_yet(site: Site) -> None:
    generation_id = site.ask().body["generation_id"]

    answer = site.read(generation_id)

    assert answer.status == 200
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.body | {"created_at": "", "timestamp": "", "parent_message_id": ""} == {
        "generation_id": generation_id,
        "user_id": USER,
        "chat_id": "chat_1",
        "status": "queued",
        "attempt": 0,
        "offset": 0,
        "text": "",
        "next_offset": 0,
        "has_more": False,
        "length": 0,
        "model": "gpt-test",
        "finish_reason": None,
        "usage": None,
        "error": None,
        "code": None,
        "retryable": None,
        "parent_message_id": "",
        "chat_version": 1,
        "waits": False,
        "cost": None,
        "context": None,
        "created_at": "",
        "timestamp": "",
    }


@pytest.mark.parametrize(
    ("query", "offset"),
    [
        ({}, 0),
        ({"offset": "0"}, 0),
        ({"offset": "8"}, 8),
        ({"offset": "8", "attempt": "1"}, 8),
        ({"offset": "0008"}, 8),
        ({"offset": "8", "attempt": "2"}, 0),
        ({"offset": "8", "attempt": "0"}, 0),
        ({"attempt": "7"}, 0),
        ({"offset": str(len(TEXT))}, len(TEXT)),
        ({"offset": "9999999999"}, 9_999_999_999),
        ({"offset": "8", "unknown": "x"}, 8),
    ],
)
def test_text_is_read_from_an_offset_of_the_current_attempt(
    site: Site, dynamodb: DynamoDBClient, query: dict[str, str], offset: int
) -> None:
    put(dynamodb, status=Status.PROCESSING, attempt=1)

    body = site.read(ID, **query).body

    assert (body["attempt"], body["offset"], body["text"]) == (1, offset, TEXT[offset:])
    assert body["length"] == len(TEXT)
    assert (body["next_offset"], body["has_more"]) == (max(offset, len(TEXT)), False)


def test_an_answer_of_another_model_than_was_asked_for_says_so(site: Site, dynamodb: DynamoDBClient) -> None:
    stored = put(dynamodb, status=Status.PROCESSING, attempt=1)
    outcome = Outcome(status=Status.COMPLETED, length=len(TEXT), finish_reason="stop", answered_by="small")
    end(dynamodb, stored, outcome)

    body = site.read(ID).body

    assert (body["model"], body["answered_by"]) == (stored.model, "small")


def put_long(dynamodb: DynamoDBClient, text: str) -> None:
    """Store a long answer as a worker does."""
    stored = put(dynamodb, status=Status.PROCESSING, attempt=2)
    TextStore(dynamodb, TABLE_NAME).save(stored, 2, 0, text)


@pytest.mark.parametrize("character", ["x", "\x01", "\x7f", '"', "é", "獭", "🦦"])
def test_a_million_characters_are_read_in_replies_that_lambda_can_carry(
    site: Site, dynamodb: DynamoDBClient, character: str
) -> None:
    text = character * 999_990 + "0123456789"
    put_long(dynamodb, text)

    read, replies, has_more = "", 0, True
    while has_more:
        answer = site.read(ID, offset=str(len(read)), attempt="2")
        assert len(json.dumps({"statusCode": 200, "body": answer.text})) < 6 * 2**20
        assert (answer.body["offset"], answer.body["length"]) == (len(read), len(text))
        read += answer.body["text"]
        has_more, replies = answer.body["has_more"], replies + 1
        assert answer.body["next_offset"] == len(read)

    assert read == text
    assert replies <= 3
    assert replies == 1 or character != "x"


def test_a_read_costs_what_its_offset_asks_for(
    site: Site, dynamodb: DynamoDBClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_long(dynamodb, "x" * 500_000)
    read: list[int] = []
    call = BaseClient._make_api_call  # type: ignore[attr-defined]

    def counting(self: Any, operation: str, parameters: Any) -> Any:
        reply = call(self, operation, parameters)
        read.extend(len(item["text"]["S"]) for item in reply.get("Items", []) if "text" in item)
        return reply

    monkeypatch.setattr(BaseClient, "_make_api_call", counting)

    for offset in (0, 450_000, 499_999, 500_000, 9_999_999_999):
        read.clear()
        assert site.read(ID, offset=str(offset)).body["length"] == 500_000
        assert sum(read) <= max(500_000 - offset, 0) + LARGEST_PIECE


def test_text_that_an_earlier_life_of_the_key_left_behind_is_passed_over(
    site: Site, dynamodb: DynamoDBClient
) -> None:
    put(dynamodb, status=Status.PROCESSING, attempt=1)
    for offset in (8, 12, 30):
        old = text_key(ID, 1, offset) | {"text": {"S": "old"}, "expires_at": {"N": "1"}}
        dynamodb.put_item(TableName=TABLE_NAME, Item=old)

    for offset in (0, 8, 12, 30):
        body = site.read(ID, offset=str(offset)).body
        assert (body["text"], body["length"]) == (TEXT[offset:], len(TEXT))


def test_who_reads_without_end_is_told_when_to_come_back(site: Site, dynamodb: DynamoDBClient) -> None:
    put_long(dynamodb, "x" * 1_000_000)

    answers = [site.read(ID) for _ in range(15)]

    assert {answer.status for answer in answers[:9]} == {200}
    assert (answers[-1].status, answers[-1].code) == (429, "rate_limited")
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 10
    assert site.read(ID, user="other").status == 404


@pytest.mark.parametrize("name", ["offset", "attempt"])
@pytest.mark.parametrize("value", ["", "-1", "+1", "1.5", "x", "canary", "٣", "1,2", " 1", "1" * 11])
def test_an_offset_is_a_whole_number(site: Site, dynamodb: DynamoDBClient, name: str, value: str) -> None:
    put(dynamodb, status=Status.PROCESSING, attempt=1)

    answer = site.read(ID, **{name: value})

    assert (answer.status, answer.code) == (400, "malformed")
    assert answer.body["detail"].startswith(f"{name} must be a whole number")
    assert "canary" not in answer.text


def test_the_text_of_an_earlier_attempt_is_not_shown(site: Site, dynamodb: DynamoDBClient) -> None:
    put(dynamodb, status=Status.PROCESSING, attempt=2)

    assert site.read(ID).body["text"] == ""


def test_a_completed_generation_tells_how_it_ended(site: Site, dynamodb: DynamoDBClient) -> None:
    stored = put(dynamodb, status=Status.PROCESSING, attempt=1)
    end(
        dynamodb,
        stored,
        Outcome(status=Status.COMPLETED, length=21, finish_reason="stop", usage=Usage(3, 4, 7)),
    )

    body = site.read(ID).body

    assert (body["status"], body["finish_reason"], body["text"]) == ("completed", "stop", TEXT)
    assert body["usage"] == {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7}
    assert (body["error"], body["code"], body["retryable"]) == (None, None, None)


@pytest.mark.parametrize("failure", Failure)
def test_a_failed_generation_tells_why(site: Site, dynamodb: DynamoDBClient, failure: Failure) -> None:
    stored = put(dynamodb, status=Status.PROCESSING, attempt=1)
    end(dynamodb, stored, Outcome(status=Status.FAILED, length=21, failure=failure))

    body = site.read(ID).body

    assert (body["status"], body["code"]) == ("failed", failure.code)
    assert (body["error"], body["retryable"]) == (failure.sentence, failure.retryable)
    assert body["text"] == TEXT


@pytest.mark.fault(51)
def test_another_users_generation_looks_like_none(site: Site, dynamodb: DynamoDBClient) -> None:
    put(dynamodb, status=Status.PROCESSING, attempt=1, user_id="other")

    for call in (site.read, site.cancel):
        foreign, missing = call(ID), call(MISSING)
        assert foreign == missing
        assert (foreign.status, foreign.code) == (404, "not_found")
    assert site.read(ID, offset="x") == site.read(MISSING, offset="x")
    assert site.read(ID, user="other").body["status"] == "processing"


@pytest.mark.parametrize(
    "generation_id", ["x", "x" * 3000, "%2e%2e", "' OR 1=1 --", "🦦", "META", ID.upper(), ID + "0", ID[:-1]]
)
def test_what_is_no_id_is_not_found(site: Site, generation_id: str) -> None:
    for call in (site.read, site.cancel):
        assert (call(generation_id).status, call(generation_id).code) == (404, "not_found")


def test_an_expired_generation_is_not_found_although_it_is_still_there(
    site: Site, dynamodb: DynamoDBClient
) -> None:
    put(dynamodb, expires_at=datetime.now(UTC) - timedelta(seconds=1))

    assert site.read(ID) == site.cancel(ID) == site.read(MISSING)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (Status.QUEUED, "cancelled"),
        (Status.PROCESSING, "processing"),
        (Status.COMPLETED, "completed"),
        (Status.FAILED, "failed"),
        (Status.CANCELLED, "cancelled"),
    ],
)
def test_to_cancel_is_safe_in_every_state_and_as_often_as_one_likes(
    site: Site, dynamodb: DynamoDBClient, before: Status, after: str
) -> None:
    put(dynamodb, status=before, attempt=1)

    answers = [site.cancel(ID) for _ in range(3)]

    assert [answer.status for answer in answers] == [202] * 3
    assert {answer.body["status"] for answer in answers} == {after}
    assert answers[0].body.keys() == {"generation_id", "user_id", "chat_id", "status", "timestamp"}
    assert site.read(ID).body["text"] == TEXT


def test_a_worker_hears_of_a_cancellation_with_its_next_heartbeat(
    site: Site, dynamodb: DynamoDBClient
) -> None:
    put(dynamodb, status=Status.PROCESSING, attempt=1)
    transitions = attempts(dynamodb)
    lease = datetime.now(UTC) + timedelta(seconds=30)

    assert not transitions.beat(ID, 1, lease_until=lease)
    site.cancel(ID)
    assert transitions.beat(ID, 1, lease_until=lease)


def test_a_generation_that_was_cancelled_in_time_is_never_begun(site: Site, dynamodb: DynamoDBClient) -> None:
    generation_id = site.ask().body["generation_id"]
    site.cancel(generation_id)
    now = datetime.now(UTC)

    claim = attempts(dynamodb).claim(
        generation_id, owner="w", message_id="m", lease_until=now, max_attempts=3, now=now
    )

    assert claim is not None
    assert not claim.is_ours
    assert claim.generation.status is Status.CANCELLED


@pytest.mark.fault(61)
def test_what_no_worker_seems_to_have_is_queued_again_by_whoever_reads_it(
    site: Site, dynamodb: DynamoDBClient
) -> None:
    """A worker that is killed too early leaves its message hidden for the whole of the queue's time-out."""
    generation_id = site.ask().body["generation_id"]
    site.claim(generation_id)
    site.queued()
    site.read(generation_id)
    assert site.queued() == []

    dynamodb.update_item(
        TableName=TABLE_NAME,
        Key={"pk": {"S": f"GENERATION#{generation_id}"}, "sk": {"S": "META"}},
        UpdateExpression="SET lease_until = :past",
        ExpressionAttributeValues={":past": {"N": "1"}},
    )
    states = [site.read(generation_id).body["status"] for _ in range(5)]

    assert site.queued() == [generation_id]
    assert states == ["processing"] * 5


PARTS = [
    StoredPart(index=0, kind="reasoning", text_offset=0, text="Hm 🦦"),
    StoredPart(index=2, kind="source", text_offset=6, text='{"url":"https://o.example"}'),
]


def put_with_parts(dynamodb: DynamoDBClient, *parts: StoredPart) -> Generation:
    stored = put(dynamodb, status=Status.PROCESSING, attempt=1)
    PartStore(dynamodb, TABLE_NAME).save(stored, 1, parts or PARTS)
    return stored


def test_an_answer_in_parts_lists_them_in_their_order_with_the_text_between(
    site: Site, dynamodb: DynamoDBClient
) -> None:
    stored = put_with_parts(dynamodb)
    listed = [
        {"index": 0, "kind": "reasoning", "text_offset": 0, "text": "Hm 🦦"},
        {"index": 1, "kind": "text", "text_offset": 0, "length": 6},
        {"index": 2, "kind": "source", "text_offset": 6, "text": '{"url":"https://o.example"}'},
        {"index": 3, "kind": "text", "text_offset": 6, "length": len(TEXT) - 6},
    ]

    assert site.read(ID).body["parts"] == listed
    end(dynamodb, stored, Outcome(status=Status.COMPLETED, length=len(TEXT), has_parts=True))

    answer = site.read(ID, offset="9", attempt="1")
    assert answer.body["parts"] == listed
    check_body("GenerationState", answer.body)


def test_an_answer_in_text_alone_has_no_list_of_parts(site: Site, dynamodb: DynamoDBClient) -> None:
    stored = put(dynamodb, status=Status.PROCESSING, attempt=1)
    assert "parts" not in site.read(ID).body

    end(dynamodb, stored, Outcome(status=Status.COMPLETED, length=len(TEXT)))

    assert "parts" not in site.read(ID).body


def test_parts_of_an_answer_without_text_are_listed_too(site: Site, dynamodb: DynamoDBClient) -> None:
    stored = generation(ID, at=datetime.now(UTC), status=Status.PROCESSING, attempt=1)
    dynamodb.put_item(TableName=TABLE_NAME, Item=item_of(stored))
    PartStore(dynamodb, TABLE_NAME).save(stored, 1, PARTS[:1])

    assert [part["kind"] for part in site.read(ID).body["parts"]] == ["reasoning"]


def test_reasoning_that_no_reply_can_carry_is_left_out_and_the_rest_is_told(
    site: Site, dynamodb: DynamoDBClient
) -> None:
    put_with_parts(dynamodb, replace(PARTS[0], text="漢" * 500_000), PARTS[1])

    answer = site.read(ID)

    assert len(answer.text) < 5_000_000
    assert [part["text"] for part in answer.body["parts"] if part["kind"] != "text"] == [None, PARTS[1].text]
    assert answer.body["text"] == TEXT


def test_a_message_of_a_chat_says_that_there_are_parts_and_does_not_carry_them(site: Site) -> None:
    generation_id = site.ask().body["generation_id"]
    begun(site, generation_id, "Otters.")
    store(site).save_parts(site.recorded(generation_id), 1, PARTS[:1])
    ended(site, generation_id, Outcome(status=Status.COMPLETED, length=7, has_parts=True))

    messages = site.call("GET", "/api/chat/chats/chat_1/messages").body["messages"]

    assert ["has_parts" in message for message in messages] == [False, True]
    assert "Hm" not in json.dumps(messages)
