"""This release beside another one: what either writes, the other reads, by the rule of docs/deploying.md."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from functions.disconnect import handler as disconnect
from functions.shared.generations.model import Status
from functions.worker.delivery import Disposition
from tests.integration.worker.worker_fixture import WorkerFixture
from tests.support import environment
from tests.support.environment import QUEUE_URL, TABLE_NAME
from tests.support.events import Context, disconnect_event
from tests.support.scripted_model import COUNTS, ScriptedModel, Step, finish
from tests.support.writes_more import ADDITION, CLIENT, with_more

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_sqs import SQSClient

    from tests.integration.functions_in_process import FunctionsInProcess

RECORDS = Path(__file__).parent / "records.json"
"""Items of each kind, and messages, as the first release wrote them. Fields go by the rule's two steps."""
NOT_WRITTEN_ANY_MORE = {("GENERATION", "PROMPT")}
"""Since prompts are messages of chats. Workers that look for it leave messages of version 2 alone."""
ANSWER = "Otters hold hands."
SAID: list[Step] = ["Otters ", "hold ", "hands.", finish(), COUNTS]


@pytest.fixture
def releases(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Let everything that is written from now on be written by this release or by a later one."""
    this = CLIENT._make_api_call

    def later(self: Any, operation: str, parameters: dict[str, Any]) -> Any:
        return this(self, operation, with_more(operation, parameters))

    def write_as(release: str) -> None:
        monkeypatch.setattr(CLIENT, "_make_api_call", later if release == "later" else this)

    return write_as


@pytest.fixture
def system(
    functions: FunctionsInProcess, dynamodb: DynamoDBClient, monkeypatch: pytest.MonkeyPatch
) -> Iterator[FunctionsInProcess]:
    for name, value in environment.DISCONNECT.items():
        monkeypatch.setenv(name, value)
    disconnect.connections.cache_clear()
    yield functions
    disconnect.connections.cache_clear()


@pytest.mark.fault(97)
@pytest.mark.parametrize(
    ("accepting", "answering", "reading"),
    [
        ("later", "this", "this"),
        ("this", "later", "this"),
        ("later", "later", "this"),
        ("later", "this", "later"),
    ],
)
async def test_an_answer_is_played_across_a_deployment_and_a_rollback(
    accepting: str,
    answering: str,
    reading: str,
    system: FunctionsInProcess,
    dynamodb: DynamoDBClient,
    sqs: SQSClient,
    releases: Callable[[str], None],
) -> None:
    releases(accepting)
    ticket = json.loads(system.call("POST", "/api/chat/connection-tickets", "ada")["body"])["ticket"]
    assert system.handshake("ada", connection_id="old")["statusCode"] == 200
    generation_id = system.asked("ada")
    message = received(sqs)
    worker = WorkerFixture(dynamodb, ScriptedModel([SAID]))

    releases(answering)
    shown = [("user_id", "ada"), ("ticket", ticket)]
    assert system.handshake("ada", connection_id="new", query=shown)["statusCode"] == 200
    assert await worker.work(worker.delivery(body=message)) is Disposition.ACK

    releases(reading)
    assert {worker.gateway.text("old"), worker.gateway.text("new")} == {ANSWER}
    answer = json.loads(system.call("GET", f"/api/chat/generations/{generation_id}", "ada")["body"])
    assert (answer["status"], answer["text"]) == ("completed", ANSWER)
    assert len(json.loads(system.call("GET", "/api/chat/connections", "ada")["body"])["connections"]) == 2
    for connection in ("old", "new"):
        assert disconnect.handler(disconnect_event(connection), Context())["statusCode"] == 200
    assert json.loads(system.call("GET", "/api/chat/connections", "ada")["body"])["connections"] == []
    assert (ADDITION in message) is (accepting == "later")


@pytest.mark.fault(97)
async def test_records_and_messages_of_the_first_release_are_understood(
    system: FunctionsInProcess, dynamodb: DynamoDBClient
) -> None:
    for item in recorded().values():
        dynamodb.put_item(TableName=TABLE_NAME, Item=item)
    worker = WorkerFixture(dynamodb, ScriptedModel([SAID]))

    for message in json.loads(RECORDS.read_text())["messages"]:
        assert await worker.work(worker.delivery(body=json.dumps(message))) is Disposition.ACK

    for name in ("queued", "interrupted", "completed"):
        generation_id = recorded()[name]["pk"]["S"].partition("#")[2]
        answer = json.loads(system.call("GET", f"/api/chat/generations/{generation_id}", "ada")["body"])
        assert (answer["status"], answer["text"]) == (Status.COMPLETED, ANSWER), name
    assert worker.gateway.text("c1", attempt=1) == worker.gateway.text("c1", attempt=2) == ANSWER
    assert system.ask("ada")["statusCode"] == 202
    query = [("user_id", "ada"), ("ticket", json.loads(RECORDS.read_text())["ticket"])]
    assert system.handshake("ada", query=query)["statusCode"] == 200
    assert disconnect.handler(disconnect_event("c1"), Context())["statusCode"] == 200


@pytest.mark.fault(97)
async def test_what_is_written_has_all_that_earlier_releases_read(
    system: FunctionsInProcess, dynamodb: DynamoDBClient, sqs: SQSClient
) -> None:
    system.call("POST", "/api/chat/connection-tickets", "ada")
    system.handshake("ada")
    system.asked("ada")
    body = received(sqs)
    worker = WorkerFixture(dynamodb, ScriptedModel([SAID]))
    await worker.work(worker.delivery(body=body))

    written = {kind_of(item): item for item in dynamodb.scan(TableName=TABLE_NAME)["Items"]}

    assert form_of(json.loads(RECORDS.read_text())["messages"][0]) <= form_of(json.loads(body))
    for name, item in recorded().items():
        if name not in {"queued", "interrupted"} and kind_of(item) not in NOT_WRITTEN_ANY_MORE:
            assert form_of(item) <= form_of(written[kind_of(item)]), name


def received(sqs: SQSClient) -> str:
    (message,) = sqs.receive_message(QueueUrl=QUEUE_URL, MaxNumberOfMessages=10)["Messages"]
    return message["Body"]


def recorded() -> dict[str, dict[str, Any]]:
    items: dict[str, dict[str, Any]] = json.loads(RECORDS.read_text())["items"]
    return items


def kind_of(item: dict[str, Any]) -> tuple[str, str]:
    """Its key without the names and numbers in it."""
    pk, sk = (item[name]["S"].partition("#")[0] for name in ("pk", "sk"))
    return pk, sk


def form_of(record: dict[str, Any]) -> set[tuple[str, str]]:
    """The names in a record, each with its type."""
    return {
        (name, next(iter(value)) if isinstance(value, dict) else type(value).__name__)
        for name, value in record.items()
    }
