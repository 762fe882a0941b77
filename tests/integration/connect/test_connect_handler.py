"""The `$connect` route from event to HTTP answer, with DynamoDB and Secrets Manager behind it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from functions.connect import handler as connect
from functions.shared.connections.store import ConnectionStore
from tests.support import environment
from tests.support.builders import LIFETIME, ORIGIN, USER, connection
from tests.support.environment import TABLE_NAME
from tests.support.events import Context, connect_event, message_naming
from tests.support.tokens import token

if TYPE_CHECKING:
    from collections.abc import Iterator
    from io import StringIO

    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_secretsmanager import SecretsManagerClient

    from tests.support.gateway import Gateway

CANARY = "canary-token"


@pytest.fixture(autouse=True)
def deployed(
    monkeypatch: pytest.MonkeyPatch, dynamodb: DynamoDBClient, token_secret: str, sockets: Gateway
) -> Iterator[None]:
    addresses = {"TOKEN_SECRET_ARN": token_secret, "AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI": sockets.url}
    for name, value in (environment.CONNECT | addresses).items():
        monkeypatch.setenv(name, value)
    connect.admission.cache_clear()
    yield
    connect.admission.cache_clear()


@pytest.fixture
def registry(dynamodb: DynamoDBClient) -> ConnectionStore:
    return ConnectionStore(dynamodb, TABLE_NAME)


def now() -> datetime:
    return datetime.now(UTC)


def open_socket(connection_id: str = "c1", **changes: Any) -> dict[str, Any]:
    event = connect_event(connection_id=connection_id, **{"token": token(at=now())} | changes)
    return connect.handler(event, Context())


def code_of(answer: dict[str, Any]) -> tuple[int, int]:
    """The status and the code, after a look at the form of the whole answer."""
    body = json.loads(answer["body"])
    assert answer["headers"] == {"Content-Type": "application/json"}
    assert body.keys() == {"type", "status", "code", "message", "timestamp"}
    assert (body["type"], body["status"]) == ("system", "rejected")
    assert body["timestamp"].endswith("Z")
    assert CANARY not in answer["body"]
    return answer["statusCode"], body["code"]


def open_connections(registry: ConnectionStore, user_id: str = USER) -> list[str]:
    return sorted(connection.connection_id for connection in registry.of_user(user_id, now=now()))


def test_a_known_user_is_let_in(registry: ConnectionStore, dynamodb: DynamoDBClient) -> None:
    assert open_socket() == {"statusCode": 200}

    (opened,) = registry.of_user(USER, now=now())
    assert opened.connection_id == "c1"
    assert opened.expires_at - opened.connected_at == LIFETIME
    record = dynamodb.get_item(TableName=TABLE_NAME, Key={"pk": {"S": "CONNECTION#c1"}, "sk": {"S": "META"}})[
        "Item"
    ]
    assert record["user_id"] == {"S": USER}
    assert record["origin"] == {"S": ORIGIN}


def test_a_token_in_the_header_is_enough(registry: ConnectionStore) -> None:
    headers = [("Origin", ORIGIN), ("Authorization", f"Bearer {token(at=now())}")]

    assert open_socket(query=(), headers=headers) == {"statusCode": 200}
    assert open_connections(registry) == ["c1"]


REFUSALS: list[tuple[dict[str, Any], tuple[int, int]]] = [
    ({"query": [("user_id", USER)]}, (401, 4001)),
    ({"token": f"{CANARY}.{CANARY}.{CANARY}"}, (401, 4001)),
    ({"token": token(jti=CANARY)[:-3]}, (401, 4001)),
    ({"token": token(at=datetime(2020, 1, 1, tzinfo=UTC), jti=CANARY)}, (401, 4001)),
    ({"query": [("token", CANARY)]}, (400, 4000)),
    ({"query": [("user_id", USER), ("token", CANARY), ("token", CANARY)]}, (400, 4000)),
    ({"headers": [("Authorization", f"Bearer {CANARY}"), ("Origin", ORIGIN)]}, (400, 4000)),
    ({"headers": []}, (403, 4003)),
    ({"headers": [("Origin", "null")]}, (403, 4003)),
    ({"headers": [("Origin", f"https://{CANARY}.example")]}, (403, 4003)),
]


@pytest.mark.parametrize(("request_", "refusal"), REFUSALS)
def test_every_refusal_has_its_status_and_code_and_takes_no_slot(
    dynamodb: DynamoDBClient,
    logs: StringIO,
    capsys: pytest.CaptureFixture[str],
    request_: dict[str, Any],
    refusal: tuple[int, int],
) -> None:
    assert code_of(open_socket(**request_)) == refusal

    assert dynamodb.scan(TableName=TABLE_NAME)["Items"] == []
    told = logs.getvalue() + capsys.readouterr().out
    assert CANARY not in told
    assert request_.get("token", CANARY) not in told


def test_a_message_that_names_this_route_opens_nothing(registry: ConnectionStore) -> None:
    assert code_of(connect.handler(message_naming("$connect"), Context())) == (400, 4000)
    assert open_connections(registry) == []


def test_a_valid_token_does_not_speak_for_another(registry: ConnectionStore) -> None:
    query = [("user_id", "other"), ("token", token(at=now()))]

    assert code_of(open_socket(query=query)) == (403, 4003)
    assert open_connections(registry) == open_connections(registry, "other") == []


@pytest.mark.fault(31)
def test_the_fourth_socket_is_refused_and_the_three_stay(registry: ConnectionStore) -> None:
    for connection_id in ("c1", "c2", "c3"):
        assert open_socket(connection_id) == {"statusCode": 200}

    assert code_of(open_socket("c4")) == (429, 4429)
    assert open_connections(registry) == ["c1", "c2", "c3"]


@pytest.mark.fault(32)
def test_the_dead_make_room_for_the_living(registry: ConnectionStore, sockets: Gateway) -> None:
    earlier = now() - timedelta(minutes=1)
    for number, connection_id in enumerate(("c1", "c2=", "c3")):
        registry.claim(connection(connection_id, at=earlier), number, now=earlier)
    sockets.gone.add("c2=")

    assert open_socket("c4") == {"statusCode": 200}
    assert open_connections(registry) == ["c1", "c3", "c4"]


def test_who_cannot_be_asked_after_is_not_dead(registry: ConnectionStore, sockets: Gateway) -> None:
    earlier = now() - timedelta(minutes=1)
    for number, connection_id in enumerate(("c1", "c2", "c3")):
        registry.claim(connection(connection_id, at=earlier), number, now=earlier)
    sockets.broken = True

    assert code_of(open_socket("c4")) == (429, 4429)


@pytest.mark.parametrize(
    "outage",
    [
        {"TABLE_NAME": "missing"},
        {"AWS_ENDPOINT_URL_DYNAMODB": "http://127.0.0.1:1"},
        {"TOKEN_SECRET_ARN": "arn:aws:secretsmanager:us-east-1:123456789012:secret:missing"},
    ],
)
def test_without_what_we_depend_on_nobody_is_admitted_unchecked(
    monkeypatch: pytest.MonkeyPatch, outage: dict[str, str]
) -> None:
    for name, value in outage.items():
        monkeypatch.setenv(name, value)

    answer = open_socket()

    assert code_of(answer) == (503, 1013)
    assert not any(word in answer["body"] for word in ("missing", "arn:", "127.0.0.1", "Exception"))


def test_during_a_rotation_both_secrets_open(secretsmanager: SecretsManagerClient, token_secret: str) -> None:
    old, new = "the secret that was in use before....", "the secret that is in use from now on"
    secretsmanager.put_secret_value(
        SecretId=token_secret, SecretString=json.dumps({"current": new, "previous": old})
    )

    answers = [
        open_socket(f"c{n}", token=token(at=now(), secret=secret)) for n, secret in enumerate((old, new))
    ]

    assert answers == [{"statusCode": 200}] * 2


def test_outcomes_are_logged_and_counted(logs: StringIO, capsys: pytest.CaptureFixture[str]) -> None:
    secret_token = token(at=now())

    open_socket("c1", token=secret_token)
    open_socket("c2", headers=[])

    connected, refused = map(json.loads, logs.getvalue().splitlines())
    accepted, rejected = map(json.loads, capsys.readouterr().out.splitlines())
    assert (connected["message"], connected["connection_id"]) == ("connected", "c1")
    assert (refused["message"], refused["reason"], refused["code"]) == ("refused", "origin", 4003)
    assert (accepted["AcceptedConnects"], accepted["UserConnections"]) == (1, 1)
    assert (rejected["RejectedConnects"], rejected["reason"]) == (1, "origin")
    assert secret_token not in logs.getvalue()
