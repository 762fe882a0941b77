"""The `$disconnect` route: idempotent, and patient with unknown connections."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError

from functions.disconnect import handler as disconnect
from functions.message.message_counts import MessageCounts
from functions.shared.connections.store import ConnectionStore
from tests.support import environment
from tests.support.builders import USER, connection
from tests.support.environment import TABLE_NAME
from tests.support.events import Context, disconnect_event, message_naming

if TYPE_CHECKING:
    from collections.abc import Iterator
    from io import StringIO

    from mypy_boto3_dynamodb import DynamoDBClient


@pytest.fixture(autouse=True)
def deployed(monkeypatch: pytest.MonkeyPatch, dynamodb: DynamoDBClient) -> Iterator[None]:
    for name, value in environment.DISCONNECT.items():
        monkeypatch.setenv(name, value)
    disconnect.connections.cache_clear()
    yield
    disconnect.connections.cache_clear()


def test_a_closed_socket_gives_back_its_slot(dynamodb: DynamoDBClient) -> None:
    now = datetime.now(UTC)
    ConnectionStore(dynamodb, TABLE_NAME).claim(connection("c1", at=now), 0, now=now)

    assert disconnect.handler(disconnect_event("c1"), Context()) == {"statusCode": 200}

    assert dynamodb.scan(TableName=TABLE_NAME)["Items"] == []


def test_an_end_is_measured_by_its_code_its_duration_and_what_was_not_told_of_it_yet(
    dynamodb: DynamoDBClient, logs: StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    opened = datetime.now(UTC) - timedelta(minutes=20)
    heard = opened + timedelta(minutes=15)
    ConnectionStore(dynamodb, TABLE_NAME).claim(connection("c1", at=opened), 0, now=opened)
    MessageCounts(dynamodb, TABLE_NAME).add("c1", refused=False, now=heard)

    disconnect.handler(disconnect_event("c1", disconnectReason="what a client wrote"), Context())

    times, closed = map(json.loads, capsys.readouterr().out.splitlines())
    [line] = map(json.loads, logs.getvalue().splitlines())
    assert (times["ConnectionDuration"], times["OpenTime"]) == (
        pytest.approx(1200, abs=5),
        pytest.approx(300, abs=5),
    )
    assert (closed["ClosedConnections"], closed["code"]) == (1, "1001")
    assert (line["code"], line["seconds"]) == (1001, pytest.approx(1200, abs=5))
    assert "what a client wrote" not in logs.getvalue()


def test_an_end_that_nothing_is_known_of_is_measured_from_what_the_gateway_says(
    capsys: pytest.CaptureFixture[str],
) -> None:
    began = int((datetime.now(UTC) - timedelta(minutes=2)).timestamp() * 1000)

    disconnect.handler(disconnect_event("gone", connectedAt=began, disconnectStatusCode=4711), Context())

    lines = list(map(json.loads, capsys.readouterr().out.splitlines()))
    assert [line.get("ConnectionDuration") for line in lines] == [pytest.approx(120, abs=5), None]
    assert [line.get("code") for line in lines] == [None, "other"]
    assert not any("OpenTime" in line for line in lines)


def test_a_second_or_unknown_goodbye_is_fine(logs: StringIO) -> None:
    for _ in range(2):
        assert disconnect.handler(disconnect_event("never admitted"), Context()) == {"statusCode": 200}

    assert [json.loads(line)["known"] for line in logs.getvalue().splitlines()] == [False, False]


def test_a_message_that_names_this_route_closes_nothing(dynamodb: DynamoDBClient) -> None:
    now = datetime.now(UTC)
    registry = ConnectionStore(dynamodb, TABLE_NAME)
    registry.claim(connection("c1", at=now), 0, now=now)

    assert disconnect.handler(message_naming("$disconnect"), Context()) == {"statusCode": 400}

    assert len(registry.of_user(USER, now=now)) == 1


def test_an_outage_is_left_to_lambda_to_report(dynamodb: DynamoDBClient) -> None:
    dynamodb.delete_table(TableName=TABLE_NAME)

    with pytest.raises(ClientError):
        disconnect.handler(disconnect_event("c1"), Context())
