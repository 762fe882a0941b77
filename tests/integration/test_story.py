"""One generation's ids in every line that the functions log of it, from its POST to its last frame."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import boto3
import pytest
from aws_lambda_powertools import Logger
from mypy_boto3_dynamodb import DynamoDBClient
from mypy_boto3_sqs import SQSClient

from functions.disconnect import handler as disconnect
from functions.shared.dynamodb import generation_key
from functions.shared.queue import Queue
from functions.worker.delivery import Delivery, delivery_of
from functions.worker.model import Model
from functions.worker.ports import Throttled
from functions.worker.settlement import settle
from tests.integration.functions_in_process import FunctionsInProcess
from tests.integration.worker.conftest import http_clients, model, provider, server
from tests.integration.worker.worker_fixture import WorkerFixture
from tests.support import environment
from tests.support.events import Context, disconnect_event
from tests.support.fake_queue import FakeQueue
from tools.__main__ import main
from tools.deployment import Deployment
from tools.generation.logs import FunctionLogs, Line, line_from

__all__ = ["http_clients", "model", "provider", "server"]  # Fixtures of the worker's tests.

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
IDS = ("generation_id", "user_id", "request_id", "trace_id")
PROMPT = {"key": "k", "deltas": ["canary-", "answer"], "faults": []}


class Story:
    """A whole system in this process, and what it logs."""

    def __init__(self, functions: FunctionsInProcess, worker: WorkerFixture, sqs: SQSClient) -> None:
        self.functions = functions
        self.worker = worker
        self.queue = Queue(sqs, sqs.get_queue_url(QueueName="framestream")["QueueUrl"])
        self.lines = StringIO()

    def ask(self, **changes: Any) -> str:
        headers = {"traceparent": f"00-{TRACE}-{SPAN}-01"} | changes.pop("headers", {})
        prompt = json.dumps(PROMPT | changes)
        body = {"user_id": "ada", "chat_id": "canary-chat", "prompt": prompt}
        reply = self.functions.call("POST", "/api/chat/generate-response", "ada", body=body, headers=headers)
        return str(json.loads(reply["body"])["generation_id"])

    def delivery(self) -> Delivery:
        """What the POST has queued."""
        [message] = self.queue.receive(1, wait=0, hidden_for=timedelta(seconds=30))
        return delivery_of(message, FakeQueue())

    async def work(self, delivery: Delivery) -> None:
        await settle(delivery, self.worker.dispatcher, until=float("inf"))

    def told(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.lines.getvalue().splitlines()]

    def of(self, message: str) -> dict[str, Any]:
        [line] = [line for line in self.told() if line["message"] == message]
        return line


@pytest.fixture
def story(
    functions: FunctionsInProcess, dynamodb: DynamoDBClient, sqs: SQSClient, model: Model
) -> Iterator[Story]:
    story = Story(functions, WorkerFixture(dynamodb, model), sqs)
    handler = Logger().registered_handler
    before = handler.setStream(story.lines)  # type: ignore[attr-defined]
    yield story
    handler.setStream(before)  # type: ignore[attr-defined]


async def test_every_line_from_the_post_to_the_last_frame_has_its_ids(story: Story) -> None:
    story.worker.open("a")
    story.worker.open("b")
    generation_id = story.ask()

    await story.work(story.delivery())

    ids = dict(zip(IDS, (generation_id, "ada", "request-1", TRACE), strict=True))
    lines = story.told()
    said = [line["message"] for line in lines]
    assert said[:4] == ["answered", "claimed", "model asked", "first text"]
    assert sorted(said[4:]) == ["completed", "served", "served", "told"]
    for line in lines:
        assert {name: line.get(name) for name in IDS} == ids, line


async def test_what_is_said_of_a_post_names_its_connection(story: Story) -> None:
    story.worker.open("a")
    story.ask()

    await story.work(story.delivery())

    served = story.of("served")
    assert (served["connection_id"], served["refused"], served["gone"]) == ("a", 0, False)
    assert served["posts"] == len(story.worker.gateway.delivered["a"])
    assert served["bytes"] > 0


async def test_failures_of_the_model_and_of_posts_have_them_too(story: Story) -> None:
    story.worker.open("a")
    story.worker.gateway.trouble = lambda _id, count: Throttled("429") if count == 2 else None
    generation_id = story.ask(faults=[{"kind": "status", "code": 400}])

    await story.work(story.delivery())

    said = {line["message"] for line in story.told()}
    assert {"the model failed", "failed", "a post failed"} <= said
    assert story.of("a post failed")["connection_id"] == "a"
    assert story.of("served")["refused"] == 1
    assert {line.get("generation_id") for line in story.told()} == {generation_id}
    assert {line.get("trace_id") for line in story.told()} == {TRACE}


async def test_a_message_that_cannot_be_worked_on_is_named_and_its_generation_if_it_is_known(
    story: Story,
) -> None:
    await story.work(story.worker.delivery("poison", body="not json"))

    assert story.of("a message could not be worked on")["message_id"] == "poison"


async def test_a_repetition_has_its_own_request_and_trace_and_the_same_generation(story: Story) -> None:
    first = story.ask(headers={"idempotency-key": "k1"})
    again = story.ask(headers={"idempotency-key": "k1", "traceparent": f"00-{'a' * 32}-{SPAN}-01"})

    assert first == again
    assert [line["generation_id"] for line in story.told()] == [first, first]
    assert [line["trace_id"] for line in story.told()] == [TRACE, "a" * 32]
    await story.work(story.delivery())
    assert story.of("claimed")["trace_id"] == TRACE


def test_a_post_without_a_trace_begins_one(story: Story) -> None:
    story.ask(headers={"traceparent": "nonsense"})

    assert len(story.of("answered")["trace_id"]) == 32


def test_reads_and_cancels_name_the_generation(story: Story) -> None:
    generation_id = story.ask()

    story.functions.call("GET", f"/api/chat/generations/{generation_id}", "ada")
    story.functions.call("POST", f"/api/chat/generations/{generation_id}/cancel", "ada")

    _, read, cancel = story.told()
    assert [(line["generation_id"], line["method"]) for line in (read, cancel)] == [
        (generation_id, "GET"),
        (generation_id, "POST"),
    ]


def test_a_refused_request_names_its_request_and_trace(story: Story) -> None:
    story.functions.call(
        "POST", "/api/chat/generate-response", None, headers={"traceparent": f"00-{TRACE}-{SPAN}-00"}
    )

    refused = story.of("refused")
    assert (refused["request_id"], refused["trace_id"]) == ("request-1", TRACE)
    assert "path" not in refused


@pytest.mark.parametrize("accepted", [True, False])
def test_every_line_of_a_socket_names_it(
    story: Story,
    monkeypatch: pytest.MonkeyPatch,
    accepted: bool,  # noqa: FBT001
) -> None:
    for name, value in environment.DISCONNECT.items():
        monkeypatch.setenv(name, value)
    disconnect.connections.cache_clear()
    changes: dict[str, Any] = {} if accepted else {"query": []}

    story.functions.handshake("ada", connection_id="c9", **changes)
    story.functions.say("nonsense", "c9")
    disconnect.handler(disconnect_event("c9"), Context())

    assert len(story.told()) == 3
    for line in story.told():
        assert (line["connection_id"], line["request_id"]) == ("c9", "request-1"), line


async def test_nothing_that_was_asked_or_answered_is_logged(story: Story) -> None:
    story.worker.open("a")
    story.ask()

    await story.work(story.delivery())

    assert "canary" not in story.lines.getvalue()
    assert "eyJ" not in story.lines.getvalue()


@pytest.fixture
def tell(story: Story, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Run the command on this system."""
    deployed = Deployment(
        name="The stack framestream", outputs={"TableName": environment.TABLE_NAME}, session=boto3.Session()
    )

    class Logs:
        def about(self, term: str, *, since: datetime, until: datetime) -> list[Line]:
            found = [text for text in story.lines.getvalue().splitlines() if f'"{term}"' in text]
            lines = [line for text in found if (line := line_from(text, 0))]
            return [line for line in lines if since <= line.at <= until + timedelta(seconds=1)]

    monkeypatch.setattr(Deployment, "of_stack", lambda _name, _session: deployed)
    monkeypatch.setattr(FunctionLogs, "of", lambda _deployment: Logs())
    return lambda *words: main(["generation", *words, "--stack", "framestream"])


async def test_an_operator_reads_the_story_in_one_command(
    story: Story, tell: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    story.worker.open("a")
    generation_id = story.ask()
    await story.work(story.delivery())
    capsys.readouterr()

    assert tell(generation_id) == 0

    out = capsys.readouterr().out
    assert re.search(rf"trace id +{TRACE}\n", out)
    told = [
        "accepted and queued for gpt-test",
        "POST /api/chat/generate-response was answered with 202",
        "claimed by a worker as attempt 1",
        "the model gpt-test is asked",
        "the first text",
        "completed with 13 characters",
        "connection a: ",
        "prompt, answer and record are deleted (to come)",
    ]
    assert all(sentence in out for sentence in told), out
    assert out.index("claimed by") < out.index("the first text") < out.index("completed with")
    assert "canary-answer" not in out


async def test_programs_read_the_story_as_json(
    story: Story, tell: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    generation_id = story.ask()
    capsys.readouterr()

    assert tell(generation_id, "--json") == 0

    read = json.loads(capsys.readouterr().out)
    assert (read["status"], read["request_id"], read["end_told"]) == ("queued", "request-1", False)
    assert read["events"][0]["source"] == "record"


@pytest.mark.parametrize(
    ("name", "sentence"), [("g1", "is no generation's id"), ("0" * 32, "Nothing is known of generation 0000")]
)
def test_what_is_not_known_is_said_with_what_to_do(
    tell: Callable[..., int], capsys: pytest.CaptureFixture[str], name: str, sentence: str
) -> None:
    assert tell(name) == 1

    assert sentence in capsys.readouterr().err


def test_a_record_that_is_gone_leaves_its_lines(
    story: Story, dynamodb: DynamoDBClient, tell: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    generation_id = story.ask()
    dynamodb.delete_item(TableName=environment.TABLE_NAME, Key=generation_key(generation_id))

    assert tell(generation_id) == 0

    out = capsys.readouterr().out
    assert "record             gone" in out
    assert "was answered with 202" in out
