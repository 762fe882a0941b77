"""AWS in this process (moto): the table with its real keys, the queue, the secret and a gateway."""

from __future__ import annotations

import os
from functools import cache, partial
from io import StringIO
from threading import RLock
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from aws_lambda_powertools import Logger
from botocore import UNSIGNED
from botocore.client import BaseClient
from botocore.config import Config
from moto import mock_aws

from functions.shared import aws as functions_aws
from tests.integration.functions_in_process import FunctionsInProcess, forget_wiring
from tests.integration.light_moto import OFTEN, make_light
from tests.support import environment, gateway
from tests.support.tokens import SECRET
from tools.sdk import CLIENT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sqs import SQSClient

PLAIN = Config(signature_version=UNSIGNED, user_agent="tests")
"""Without what the SDK works out anew for each call, and moto does not look at."""


@pytest.fixture(scope="package")
def sdk() -> Iterator[None]:
    """One session of the SDK for all tests here, because it takes a while to read its models."""
    yield
    _made.cache_clear()
    boto3.DEFAULT_SESSION = None


@cache
def _made(service: str, environ: frozenset[tuple[str, str]], config: Config | None) -> Any:
    """A client; to make one for each test takes longer than most tests. It keeps nothing of an account."""
    config = (config or Config()).merge(PLAIN) if service in OFTEN else config
    return boto3.client(service, config=config)  # type: ignore[call-overload]


def client(service: str, *, config: Config | None = None) -> Any:
    """A client of the account that a test has, as its environment says."""
    environ = frozenset((name, value) for name, value in os.environ.items() if name.startswith("AWS_"))
    return _made(service, environ, config)


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch, sdk: None) -> Iterator[None]:
    """An account of our own, in memory."""
    for name, value in environment.CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    # moto listens to boto3 alone. Our own client speaks to the emulator in the end-to-end tests.
    monkeypatch.setattr(functions_aws, "client", partial(client, config=CLIENT))
    # DynamoDB makes writes one after the other and moto does not: a transaction that it takes back would take
    # back what other threads have written meanwhile.
    call, lock = BaseClient._make_api_call, RLock()  # type: ignore[attr-defined]

    def one_at_a_time(asked: BaseClient, operation: str, parameters: dict[str, Any]) -> Any:
        with lock:
            return call(asked, operation, parameters)

    monkeypatch.setattr(BaseClient, "_make_api_call", one_at_a_time)
    make_light(monkeypatch)
    with mock_aws(config={"core": {"reset_boto3_session": False}}):
        yield


@pytest.fixture
def dynamodb(aws: None) -> DynamoDBClient:
    """DynamoDB with the table."""
    database: DynamoDBClient = client("dynamodb")
    database.create_table(
        TableName=environment.TABLE_NAME,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[
            {"AttributeName": "pk", "KeyType": "HASH"},
            {"AttributeName": "sk", "KeyType": "RANGE"},
        ],
        AttributeDefinitions=[
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "sk", "AttributeType": "S"},
        ],
    )
    database.update_time_to_live(
        TableName=environment.TABLE_NAME,
        TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires_at"},
    )
    return database


@pytest.fixture
def sqs(aws: None) -> SQSClient:
    """SQS with the queue."""
    queues: SQSClient = client("sqs")
    for url in (environment.QUEUE_URL, environment.REMINDERS_URL):
        queues.create_queue(QueueName=url.rpartition("/")[2])
    return queues


@pytest.fixture
def secretsmanager(aws: None) -> SecretsManagerClient:
    """Secrets Manager, still empty."""
    secrets: SecretsManagerClient = client("secretsmanager")
    return secrets


@pytest.fixture
def token_secret(secretsmanager: SecretsManagerClient) -> str:
    """The ARN of the secret that tokens are signed with."""
    return secretsmanager.create_secret(Name="token", SecretString=SECRET)["ARN"]


@pytest.fixture
def sockets() -> Iterator[gateway.Gateway]:
    """The management API, with every connection open."""
    with gateway.serving() as served:
        yield served


@pytest.fixture
def functions(
    monkeypatch: pytest.MonkeyPatch,
    dynamodb: DynamoDBClient,
    sqs: SQSClient,
    token_secret: str,
    sockets: gateway.Gateway,
) -> Iterator[FunctionsInProcess]:
    """All that clients reach, with limits that are soon met."""
    addresses = {"TOKEN_SECRET_ARN": token_secret, "AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI": sockets.url}
    limits = {"MESSAGES_PER_MINUTE": "5", "PROMPTS_PER_MINUTE": "5"}
    functions = environment.CONNECT | environment.GENERATE | environment.MESSAGE
    for name, value in (functions | addresses | limits).items():
        monkeypatch.setenv(name, value)
    forget_wiring()
    yield FunctionsInProcess(sockets)
    forget_wiring()


@pytest.fixture
def logs() -> Iterator[StringIO]:
    """Everything that the functions log, as CloudWatch would get it."""
    handler = Logger().registered_handler
    before = handler.setStream(lines := StringIO())  # type: ignore[attr-defined]
    yield lines
    handler.setStream(before)  # type: ignore[attr-defined]
