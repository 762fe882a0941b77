"""The `$default` route: what a client's message brings back through the management API."""

from __future__ import annotations

import base64
import json
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from functions.message import handler as message
from functions.message.message_counts import count_of, refusals_of
from functions.message.replies import REFUSALS_PER_MINUTE
from functions.shared.connections.store import ConnectionStore
from tests.support import environment
from tests.support.builders import LIFETIME, connection
from tests.support.environment import TABLE_NAME
from tests.support.events import Context, message_event

if TYPE_CHECKING:
    from collections.abc import Iterator
    from io import StringIO

    from mypy_boto3_dynamodb import DynamoDBClient

    from tests.support.gateway import Gateway

CANARY = "canary-message"
PING, HEARTBEAT = '{"type":"ping"}', '{"type":"heartbeat"}'


@pytest.fixture(autouse=True)
def deployed(monkeypatch: pytest.MonkeyPatch, dynamodb: DynamoDBClient, sockets: Gateway) -> Iterator[None]:
    """The function with one open connection, c1."""
    addresses = {"AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI": sockets.url}
    for name, value in (environment.MESSAGE | addresses).items():
        monkeypatch.setenv(name, value)
    now = datetime.now(UTC)
    ConnectionStore(dynamodb, TABLE_NAME).claim(connection("c1=", at=now), 0, now=now)
    forget_wiring()
    yield
    forget_wiring()


def forget_wiring() -> None:
    for wiring in (message.settings, message.recently_closed, message.counts, message.sockets):
        wiring.cache_clear()


def say(body: str | None, *, connection_id: str = "c1=", binary: bool = False) -> None:
    event = message_event(body, connection_id=connection_id, binary=binary)
    assert message.handler(event, Context()) == {"statusCode": 200}


def answers(sockets: Gateway) -> list[dict[str, Any]]:
    assert {connection_id for connection_id, _ in sockets.posts} <= {"c1="}
    return [json.loads(data) for _, data in sockets.posts]


@pytest.mark.parametrize("first", [PING, HEARTBEAT])
def test_a_client_speaks_first_and_is_told_that_it_is_connected(sockets: Gateway, first: str) -> None:
    for body in (first, PING, HEARTBEAT):
        say(body)

    connected, pong, alive = answers(sockets)
    assert (connected["type"], connected["status"]) == ("system", "connected")
    assert connected["connection_id"] == "c1="
    assert datetime.fromisoformat(connected["expires_at"]) - datetime.now(UTC) > timedelta(minutes=119)
    assert pong.keys() == {"type", "timestamp"}
    assert pong["type"] == "pong"
    assert (alive["type"], alive["status"]) == ("system", "alive")
    assert sockets.closed == []


@pytest.mark.parametrize(
    "body",
    [
        None,
        "",
        CANARY,
        json.dumps({"action": "generate", "prompt": CANARY}),
        json.dumps({"type": CANARY}),
        json.dumps([CANARY]),
        "[" * 130_000,
        CANARY * 9000,
        "\ud800",
    ],
)
@pytest.mark.fault(41, 42)
def test_all_else_is_rejected_counted_and_never_repeated(
    sockets: Gateway, logs: StringIO, capsys: pytest.CaptureFixture[str], body: str | None
) -> None:
    say(body)

    (rejected,) = answers(sockets)
    assert (rejected["type"], rejected["status"], rejected["code"]) == ("system", "rejected", 4000)
    metric = capsys.readouterr().out
    received, refused = map(json.loads, metric.splitlines())
    assert (received["ReceivedMessages"], received["SentMessages"]) == (1, 1)
    assert (refused["RejectedMessages"], refused["reason"]) == (1, "not_a_keep_alive")
    assert "OpenTime" not in received
    assert CANARY not in str(rejected) + logs.getvalue() + metric


@pytest.mark.fault(43)
def test_a_binary_message_is_rejected_whatever_it_holds(sockets: Gateway) -> None:
    say(base64.b64encode(PING.encode()).decode(), binary=True)
    say(PING, binary=True)

    assert [answer["code"] for answer in answers(sockets)] == [4000, 4000]


def test_after_a_refusal_the_first_sign_is_still_answered_with_connected(sockets: Gateway) -> None:
    say("nonsense")
    say(HEARTBEAT)

    assert [answer["status"] for answer in answers(sockets)] == ["rejected", "connected"]


@pytest.mark.fault(45)
def test_a_message_may_name_whom_it_likes_and_speaks_for_itself(sockets: Gateway) -> None:
    say(json.dumps({"type": "ping", "connection_id": "c9", "connectionId": "c9", "user_id": "admin"}))

    assert answers(sockets)[0]["connection_id"] == "c1="


def with_messages_so_far(dynamodb: DynamoDBClient, *, messages: int, refusals: int) -> None:
    """Count for this minute, or for the next one if this one is about to turn."""
    if datetime.now(UTC).second >= 58:
        time.sleep(2)
    minute = int(datetime.now(UTC).timestamp()) // 60
    dynamodb.update_item(
        TableName=TABLE_NAME,
        Key={"pk": {"S": "CONNECTION#c1="}, "sk": {"S": "META"}},
        UpdateExpression="SET heard = :one, "
        f"{count_of(minute)} = :messages, {refusals_of(minute)} = :refusals",
        ExpressionAttributeValues={
            ":one": {"N": "1"},
            ":messages": {"N": str(messages)},
            ":refusals": {"N": str(refusals)},
        },
    )


@pytest.mark.parametrize(
    ("messages", "refusals", "status", "closed"),
    [
        (60, 0, "rate_limited", []),
        (120, 0, "closing", ["c1="]),
        (20, REFUSALS_PER_MINUTE + 1, "closing", ["c1="]),
    ],
)
def test_who_says_too_much_is_warned_and_then_closed(
    dynamodb: DynamoDBClient,
    sockets: Gateway,
    messages: int,
    refusals: int,
    status: str,
    closed: list[str],
) -> None:
    with_messages_so_far(dynamodb, messages=messages, refusals=refusals)

    say(PING)

    (answer,) = answers(sockets)
    assert (answer["status"], answer["code"]) == (status, 4429)
    assert sockets.closed == closed


@pytest.mark.fault(44)
@pytest.mark.parametrize("body", [PING, "nonsense"])
def test_what_a_closed_connection_still_says_is_neither_counted_nor_answered(
    dynamodb: DynamoDBClient, sockets: Gateway, body: str
) -> None:
    with_messages_so_far(dynamodb, messages=120, refusals=0)
    say(PING)
    counted = dynamodb.scan(TableName=TABLE_NAME)["Items"]

    for _ in range(50):
        say(body)

    assert [answer["status"] for answer in answers(sockets)] == ["closing"]
    assert sockets.closed == ["c1="]
    assert dynamodb.scan(TableName=TABLE_NAME)["Items"] == counted


def test_who_could_not_be_closed_is_closed_with_the_next_message(
    dynamodb: DynamoDBClient, sockets: Gateway
) -> None:
    with_messages_so_far(dynamodb, messages=120, refusals=0)
    sockets.broken = True
    with pytest.raises(ClientError):
        say(PING)
    sockets.broken = False

    say(PING)

    assert sockets.closed == ["c1="]


@pytest.mark.parametrize("body", [PING, "nonsense"])
def test_a_connection_that_nobody_admitted_is_told_and_closed(sockets: Gateway, body: str) -> None:
    for _ in range(50):
        say(body, connection_id="c9")

    ((told, data),) = sockets.posts
    closing = json.loads(data)
    assert (told, closing["status"], closing["code"]) == ("c9", "closing", 4001)
    assert sockets.closed == ["c9"]


def test_a_connection_that_nobody_admitted_and_that_could_not_be_closed_is_closed_later(
    sockets: Gateway,
) -> None:
    sockets.broken = True
    say(PING, connection_id="c9")
    sockets.broken = False

    say(PING, connection_id="c9")

    assert sockets.closed == ["c9"]


@pytest.mark.fault(21)
def test_a_connection_whose_time_is_over_is_told_and_closed(
    dynamodb: DynamoDBClient, sockets: Gateway
) -> None:
    opened = datetime.now(UTC) - LIFETIME
    ConnectionStore(dynamodb, TABLE_NAME).claim(connection("c1=", at=opened), 0, now=opened)

    say(HEARTBEAT)

    (closing,) = answers(sockets)
    assert (closing["status"], closing["code"]) == ("closing", 4001)
    assert sockets.closed == ["c1="]


@pytest.mark.parametrize("connection_id", ["c1=", "c9"])
def test_who_has_left_meanwhile_is_no_fault(sockets: Gateway, connection_id: str) -> None:
    sockets.gone.add(connection_id)

    say(PING, connection_id=connection_id)

    assert sockets.posts == []
    assert sockets.closed == []


def test_an_outage_is_left_to_the_gateway_to_report(dynamodb: DynamoDBClient, sockets: Gateway) -> None:
    dynamodb.delete_table(TableName=TABLE_NAME)

    with pytest.raises(ClientError):
        say(PING)

    assert sockets.posts == []
