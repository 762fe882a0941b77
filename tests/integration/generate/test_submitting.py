"""`POST /api/chat/generate-response`: 202 only when the prompt is recorded and queued."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import EndpointConnectionError

from functions.generate import wiring
from functions.shared.errors import Unavailable
from functions.shared.generations.model import Status
from functions.shared.generations.reader import GenerationReader
from functions.shared.queue import Queue
from tests.integration.generate.site import Site
from tests.support import environment
from tests.support.builders import USER
from tests.support.environment import TABLE_NAME

if TYPE_CHECKING:
    from io import StringIO


CANARY = "canary-prompt"


def test_a_prompt_is_accepted_once_it_is_recorded_and_queued(site: Site) -> None:
    answer = site.ask()

    assert answer.status == 202
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.body.keys() == {
        *("generation_id", "user_id", "chat_id", "status", "timestamp"),
        *("message_id", "parent_id", "chat_version", "waits", "position", "budget_warning"),
    }
    assert (answer.body["user_id"], answer.body["chat_id"]) == (USER, "chat_1")
    assert answer.body["status"] == "queued"
    generation = site.recorded(answer.body["generation_id"])
    assert (generation.status, generation.attempt, generation.model) == (Status.QUEUED, 0, "gpt-test")
    assert generation.start_by - generation.created_at == timedelta(minutes=5)
    assert GenerationReader(site.dynamodb, TABLE_NAME).prompt(generation) == "Tell me about otters"
    assert site.queued() == [generation.generation_id]


@pytest.mark.parametrize(
    "prompt", ["👩\u200d👧 e\u0301 \u2028 \u202e", "a\0b", '{"type":"llm_error"}', "x" * 1000]
)
def test_every_prompt_is_kept_to_the_byte(site: Site, prompt: str) -> None:
    generation = site.recorded(site.ask(prompt=prompt).body["generation_id"])

    assert GenerationReader(site.dynamodb, TABLE_NAME).prompt(generation) == prompt


def test_a_request_may_name_an_allowed_model(site: Site) -> None:
    answer = site.ask(model="gpt-other")

    assert site.recorded(answer.body["generation_id"]).model == "gpt-other"


def test_everything_is_swept_away_after_its_time(site: Site) -> None:
    site.ask()

    week = (datetime.now(UTC) + timedelta(days=7)).timestamp()
    kept = [item for item in site.items() if not item["pk"]["S"].startswith("LIMIT#")]
    assert {item["sk"]["S"].partition("#")[0] for item in kept} == {"META", "CHAT", "MESSAGE"}
    assert all(week - 60 < int(item["expires_at"]["N"]) <= week for item in kept)
    assert all("expires_at" in item for item in site.items())


def test_when_the_queue_is_down_the_prompt_is_not_accepted(site: Site) -> None:
    site.sqs.delete_queue(QueueUrl=environment.QUEUE_URL)

    refused = site.ask(key="k")

    assert (refused.status, refused.code) == (503, 1013)
    assert refused.headers["Retry-After"] == "1"
    assert {item["status"]["S"] for item in site.items() if item["sk"]["S"] == "META"} == {"failed"}


def test_after_an_outage_the_same_key_is_accepted_and_queued(site: Site) -> None:
    site.sqs.delete_queue(QueueUrl=environment.QUEUE_URL)
    site.ask(key="k")
    site.sqs.create_queue(QueueName="framestream")
    before = datetime.now(UTC) - timedelta(milliseconds=1)

    accepted = site.ask(key="k")

    assert accepted.status == 202
    assert site.recorded(accepted.body["generation_id"]).start_by >= before + timedelta(minutes=5)
    assert site.queued() == [accepted.body["generation_id"]]
    assert site.recorded(accepted.body["generation_id"]).status is Status.QUEUED
    site.claim(accepted.body["generation_id"])
    assert site.ask(key="k") == accepted
    assert site.recorded(accepted.body["generation_id"]).status is Status.PROCESSING
    assert site.queued() == []


@dataclass
class LostReply:
    """A queue that takes every message and never says so; `then` is what happens meanwhile."""

    site: Site
    claimed: bool

    def send(self, generation_id: str) -> None:
        if self.claimed:
            self.site.claim(generation_id)
        raise Unavailable("ReadTimeoutError")

    send_again = remind = send


@pytest.mark.parametrize(
    ("claimed", "status", "kept"), [(True, 202, Status.PROCESSING), (False, 503, Status.FAILED)]
)
def test_when_the_queues_reply_is_lost_the_record_decides(
    site: Site, monkeypatch: pytest.MonkeyPatch, *, claimed: bool, status: int, kept: Status
) -> None:
    api = wiring.api()
    queueing = replace(api.queueing, queue=LostReply(site, claimed))
    lossy = replace(api, submission=replace(api.submission, queueing=queueing))
    monkeypatch.setattr(wiring, "api", lambda: lossy)

    assert site.ask(key="k").status == status

    (meta,) = (item for item in site.items() if item["sk"]["S"] == "META")
    assert meta["status"]["S"] == kept


def test_when_the_table_is_down_nothing_is_queued(site: Site) -> None:
    site.dynamodb.delete_table(TableName=TABLE_NAME)

    answer = site.ask()

    assert (answer.status, answer.code) == (503, 1013)
    assert site.queued() == []


@pytest.mark.parametrize("service", ["DYNAMODB", "SQS", "SECRETS_MANAGER"])
def test_when_a_service_cannot_be_reached_the_answer_is_503(
    site: Site, monkeypatch: pytest.MonkeyPatch, service: str
) -> None:
    monkeypatch.setenv(f"AWS_ENDPOINT_URL_{service}", "http://127.0.0.1:1")

    answer = site.ask()

    assert (answer.status, answer.code) == (503, 1013)
    assert "127.0.0.1" not in answer.text


def test_neither_prompt_nor_key_nor_token_is_logged(site: Site, logs: StringIO) -> None:
    site.ask(key="canary-key", prompt=CANARY)
    site.ask(key="canary-key", prompt=CANARY * 2)
    site.ask(prompt=CANARY * 1000)
    site.ask(model=CANARY)

    assert len(logs.getvalue().splitlines()) == 4
    assert "canary" not in logs.getvalue()
    assert "eyJ" not in logs.getvalue()


def test_a_prompt_is_queued_with_a_reminder_in_a_queue_of_its_own(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A message that a dying worker left hidden is not waited for."""
    sent: list[tuple[str, str, float]] = []
    monkeypatch.setattr(
        Queue, "send", lambda to, name, after=timedelta(): sent.append((to.url, name, after.total_seconds()))
    )

    generation_id = site.ask().body["generation_id"]

    assert sent == [
        (environment.QUEUE_URL, generation_id, 0),
        (environment.REMINDERS_URL, generation_id, 35),
    ]


def test_a_reminder_that_is_not_taken_is_no_loss(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    take = Queue.send

    def take_none_for_later(queue: Queue, generation_id: str, *, after: timedelta = timedelta()) -> None:
        if after:
            raise EndpointConnectionError(endpoint_url="https://sqs")
        take(queue, generation_id)

    monkeypatch.setattr(Queue, "send", take_none_for_later)

    accepted = site.ask()

    assert accepted.status == 202
    assert site.queued() == [accepted.body["generation_id"]]
