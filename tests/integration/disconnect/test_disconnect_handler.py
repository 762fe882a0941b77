"""The `$disconnect` route: idempotent, and patient with unknown connections."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError

from functions.disconnect import handler as disconnect
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
