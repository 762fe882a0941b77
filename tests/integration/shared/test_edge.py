"""With an edge, both functions that clients reach ask for its word before anything else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from functions.connect import handler as connect
from functions.generate import handler as generate
from functions.generate import wiring
from functions.shared.edge import HEADER
from tests.support import environment
from tests.support.builders import ORIGIN, USER
from tests.support.events import Context, connect_event, http_event
from tests.support.tokens import token

if TYPE_CHECKING:
    from io import StringIO

    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_secretsmanager import SecretsManagerClient

WORD = "the-word-of-the-edge"


@pytest.fixture(autouse=True)
def behind_an_edge(
    monkeypatch: pytest.MonkeyPatch,
    dynamodb: DynamoDBClient,
    secretsmanager: SecretsManagerClient,
    token_secret: str,
) -> Iterator[None]:
    made = secretsmanager.create_secret(Name="edge", SecretString=json.dumps({"current": WORD}))
    addresses = {"TOKEN_SECRET_ARN": token_secret, "EDGE_SECRET_ARN": made["ARN"]}
    for name, value in (environment.CONNECT | environment.GENERATE | addresses).items():
        monkeypatch.setenv(name, value)
    _forget()
    yield
    _forget()


def _forget() -> None:
    for wired in (connect.admission, connect.edge, wiring.api, wiring.edge):
        wired.cache_clear()


def test_a_handshake_past_the_edge_is_refused_however_good_its_token() -> None:
    good = token(at=datetime.now(UTC))

    past = connect.handler(connect_event(token=good), Context())
    through = connect.handler(
        connect_event(token=good, headers=(("Origin", ORIGIN), (HEADER, WORD))), Context()
    )

    assert past["statusCode"] == 403
    assert json.loads(past["body"])["code"] == 4003
    assert through["statusCode"] == 200


@pytest.mark.parametrize("path", ["/health", "/api/chat/generations/" + "0" * 32])
def test_a_request_past_the_edge_is_refused_even_if_it_needs_no_token(path: str) -> None:
    signed = token(at=datetime.now(UTC), sub=USER)

    past = generate.handler(http_event("GET", path, token=signed), Context())
    through = generate.handler(http_event("GET", path, token=signed, headers={HEADER: WORD}), Context())

    assert past["statusCode"] == 403
    assert through["statusCode"] in {200, 404}


def test_a_preflight_past_the_edge_is_refused() -> None:
    asks = {"origin": ORIGIN, "access-control-request-method": "POST"}

    past = generate.handler(http_event("OPTIONS", "/health", headers=asks), Context())
    through = generate.handler(http_event("OPTIONS", "/health", headers=asks | {HEADER: WORD}), Context())

    assert (past["statusCode"], through["statusCode"]) == (403, 204)


def test_while_the_word_cannot_be_read_nobody_is_let_in(
    secretsmanager: SecretsManagerClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EDGE_SECRET_ARN", "arn:aws:secretsmanager:us-east-1:123456789012:secret:gone-AbCdEf")

    reply = generate.handler(http_event("GET", "/health", headers={HEADER: WORD}), Context())

    assert reply["statusCode"] == 503


@pytest.mark.fault(90)
def test_the_word_is_told_to_nobody(logs: StringIO) -> None:
    generate.handler(http_event("GET", "/health", headers={HEADER: WORD}), Context())
    generate.handler(http_event("GET", "/health", headers={HEADER: f"{WORD}x"}), Context())

    assert '"reason":"edge"' in logs.getvalue()
    assert WORD not in logs.getvalue()
