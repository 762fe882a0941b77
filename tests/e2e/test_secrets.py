"""No function writes down what only its callers, the model or we may know, whatever goes wrong."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.support.canaries import ANSWER, MODEL_KEY, PROMPT, client, leaks, traces
from tests.support.events import connect_event, disconnect_event, http_event, message_event
from tests.support.grants import Grants, Invoked
from tests.support.listener import Site
from tests.support.plain_http import HTTP

FUNCTIONS = ("connect", "disconnect", "message", "generate", "worker")
PATH = "/api/chat/generate-response"


@pytest.fixture(scope="module")
def grants(site: Site) -> Iterator[Grants]:
    grants = Grants(site)
    with grants.queue_to_ourselves():
        yield grants
        grants.queue.purge_queue(QueueUrl=site.queue_url)


def handshakes(site: Site) -> Iterator[dict[str, Any]]:
    """Good ones and bad ones, with secrets in every place."""
    user, page = f"user-{secrets.token_hex(4)}", ("Origin", site.origin)
    good, expired = site.token(user), site.token(user, exp=1)
    ticket = ticket_of(site, user)
    for query, headers in (
        ([("user_id", user), ("token", good)], [page]),
        ([("user_id", user), ("token", good[:-2])], [page]),
        ([("user_id", user), ("token", expired)], [page]),
        ([("user_id", "eve"), ("token", good)], [page]),
        ([("token", good)], [page]),
        ([("user_id", user), ("token", good), ("ticket", ticket)], [page]),
        ([("user_id", user), ("token", good)], [("Origin", f"https://{PROMPT}.example")]),
        ([("ticket", ticket)], [page]),
        ([("ticket", ticket)], [page]),
        ([("ticket", ticket[:-1])], [page]),
        ([], [page, ("Authorization", f"Bearer {good}")]),
        ([], [page, ("Sec-WebSocket-Protocol", f"framestream.v1, bearer.{good}")]),
        ([], [page, ("Sec-WebSocket-Protocol", f"bearer.{good}")]),
    ):
        yield connect_event(connection_id=secrets.token_hex(8), query=query, headers=headers)


def ticket_of(site: Site, user: str) -> str:
    event = http_event("POST", "/api/chat/connection-tickets", token=site.token(user), origin=site.origin)
    ticket: str = json.loads(Grants(site).invoke("generate", event).answer["body"])["ticket"]
    return ticket


def calls(site: Site) -> Iterator[dict[str, Any]]:
    """Good ones and bad ones, with a prompt in every place."""
    user = f"user-{secrets.token_hex(4)}"
    body = {"user_id": user, "chat_id": "chat_1", "prompt": PROMPT}
    for method, path, request in (
        ("POST", PATH, {"body": body}),
        ("POST", PATH, {"body": body | {"user_id": "eve"}}),
        ("POST", PATH, {"body": body | {"chat_id": f"{PROMPT}\n"}}),
        ("POST", PATH, {"body": body | {"model": PROMPT}}),
        ("POST", PATH, {"body": body | {"prompt": [PROMPT]}}),
        ("POST", PATH, {"body": json.dumps(body)[:-1]}),
        ("POST", PATH, {"body": body | {"prompt": PROMPT * 10_000}}),
        ("POST", PATH, {"body": body, "headers": {"idempotency-key": f"{PROMPT} "}}),
        ("POST", PATH, {"body": body, "token": site.token(user)[:-2]}),
        ("POST", PATH, {"body": body, "headers": {"content-type": PROMPT}}),
        ("GET", f"/api/chat/{PROMPT}", {}),
        ("PUT", PATH, {"body": body}),
        ("GET", f"/api/chat/generations/{'0' * 32}", {"query": {"offset": PROMPT}}),
        ("GET", "/health", {"origin": f"https://{PROMPT}.example"}),
    ):
        yield http_event(method, path, **{"token": site.token(user), "origin": site.origin} | request)


def messages(_site: Site) -> Iterator[dict[str, Any]]:
    """Of a connection that there is not, and of one that there is."""
    for body in ('{"type":"ping"}', PROMPT, json.dumps({"type": "generate", "prompt": PROMPT})):
        yield message_event(body, connection_id=secrets.token_hex(8))


def goodbyes(_site: Site) -> Iterator[dict[str, Any]]:
    yield disconnect_event(secrets.token_hex(8))


def deliveries(site: Site) -> Iterator[dict[str, Any]]:
    """A prompt that is answered, some with which the model fails, one that is lost, and poison."""
    user = f"user-{secrets.token_hex(4)}"
    for faults in ([], [{"kind": "status", "code": 401}], [{"kind": "error_object", "after": 1}] * 3):
        yield delivery(site, handed_in(site, user, faults))
    lost = handed_in(site, user, [])
    table = client(site, "dynamodb")
    for item in table.query(
        TableName=site.table_name,
        KeyConditionExpression="pk = :pk AND begins_with(sk, :prompt)",
        ExpressionAttributeValues={":pk": {"S": f"GENERATION#{lost}"}, ":prompt": {"S": "PROMPT#"}},
    )["Items"]:
        table.delete_item(TableName=site.table_name, Key={"pk": item["pk"], "sk": item["sk"]})
    yield delivery(site, lost)
    yield delivery(site, "0" * 32)
    for body in (PROMPT, f'{{"version": 1, "generation_id": "{PROMPT}"}}', f'{{"version": "{PROMPT}"}}'):
        yield delivery(site, "", body=body)


def handed_in(site: Site, user: str, faults: list[dict[str, Any]]) -> str:
    plan = {"key": secrets.token_hex(4), "deltas": [f"{ANSWER} ", "x"], "note": PROMPT, "faults": faults}
    body = {"user_id": user, "chat_id": "chat_1", "prompt": json.dumps(plan)}
    event = http_event("POST", PATH, token=site.token(user), body=body, origin=site.origin)
    generation_id: str = json.loads(Grants(site).invoke("generate", event).answer["body"])["generation_id"]
    return generation_id


def delivery(site: Site, generation_id: str, *, body: str | None = None) -> dict[str, Any]:
    """A message as the queue would deliver it: it has been taken out of the queue."""
    body, queue = body or json.dumps({"version": 1, "generation_id": generation_id}), Grants(site).queue
    sent = queue.send_message(QueueUrl=site.queue_url, MessageBody=body)["MessageId"]
    taken: dict[str, str] = {}
    while sent not in taken:
        reply = queue.receive_message(QueueUrl=site.queue_url, MaxNumberOfMessages=10)
        taken |= {each["MessageId"]: each["ReceiptHandle"] for each in reply.get("Messages", [])}
    record = {"messageId": sent, "receiptHandle": taken[sent], "body": body}
    return {"Records": [record | {"attributes": {"ApproximateReceiveCount": "1"}}]}


TOURS: dict[str, Callable[[Site], Iterator[dict[str, Any]]]] = {
    "connect": handshakes,
    "disconnect": goodbyes,
    "message": messages,
    "generate": calls,
    "worker": deliveries,
}


@pytest.mark.fault(90)
@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_logs_nothing_secret_whatever_it_is_sent(
    function: str, site: Site, grants: Grants
) -> None:
    done: list[Invoked] = [grants.invoke(function, event) for event in TOURS[function](site)]

    logs = {str(number): one.log for number, one in enumerate(done)}
    assert all(one.log.count("\n") > 1 for one in done)
    assert leaks(without_answers(logs), jwt_secret=site.jwt_secret) == set()


def without_answers(logs: dict[str, str]) -> dict[str, str]:
    """What was logged, without what was answered, which stands in the last line."""
    return {number: log.rpartition("\n")[0] for number, log in logs.items()}


@pytest.mark.fault(90)
def test_all_functions_run_at_debug_and_the_model_got_the_key_that_is_looked_for(
    site: Site, grants: Grants
) -> None:
    functions = client(site, "lambda").list_functions()["Functions"]
    levels = [one["Environment"]["Variables"]["POWERTOOLS_LOG_LEVEL"] for one in functions]
    grants.invoke("worker", delivery(site, handed_in(site, "ada", [])))
    asked = HTTP.get(site.llm_base_url.replace("/v1", "/calls")).json()

    assert levels == ["DEBUG"] * len(FUNCTIONS)
    assert {call["authorization"] for call in asked} == {f"Bearer {MODEL_KEY}"}


@contextmanager
def planted_in_a_log(site: Site, _state: Path) -> Iterator[str]:
    logs = client(site, "logs")
    logs.create_log_group(logGroupName="planted")
    logs.create_log_stream(logGroupName="planted", logStreamName="one")
    event = {"timestamp": 1, "message": f"a line with {PROMPT}"}
    logs.put_log_events(logGroupName="planted", logStreamName="one", logEvents=[event])
    yield "planted"
    logs.delete_log_group(logGroupName="planted")


@contextmanager
def planted_in_a_dead_letter(site: Site, _state: Path) -> Iterator[str]:
    queue = client(site, "sqs")
    queue.send_message(QueueUrl=site.dead_letter_queue_url, MessageBody=PROMPT)
    yield "the dead letters"
    queue.purge_queue(QueueUrl=site.dead_letter_queue_url)


@contextmanager
def planted_in_a_file(_site: Site, state: Path) -> Iterator[str]:
    file = state / "logs" / "planted.log"
    file.write_text(PROMPT)
    yield "logs/planted.log"
    file.unlink()


@contextmanager
def planted_in_an_environment(site: Site, _state: Path) -> Iterator[str]:
    grants = Grants(site)
    name = grants.name_of("disconnect")
    with grants.told("disconnect", TABLE_NAME=PROMPT):
        yield f"the environment of {name}"


@pytest.mark.fault(90)
@pytest.mark.parametrize(
    "plant",
    [planted_in_a_log, planted_in_a_dead_letter, planted_in_a_file, planted_in_an_environment],
)
def test_the_search_at_the_end_of_the_session_would_find_it(
    plant: Callable[[Site, Path], Any], site: Site, state: Path
) -> None:
    with plant(site, state) as place:
        found = leaks(dict(traces(site, state)))

    assert found == {(place, "a prompt")}
