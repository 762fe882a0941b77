"""A model server and a table for the worker's tests."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import timedelta

import aiohttp
import boto3
import pytest
from moto import mock_aws
from mypy_boto3_dynamodb import DynamoDBClient

import functions.worker.bedrock.client as bedrock_client_module
import functions.worker.openai_client as openai_client_module
from functions.shared.signing import StaticCredentials
from functions.worker.bedrock.client import bedrock_client
from functions.worker.bedrock.model import BedrockModel
from functions.worker.bedrock.request import ConverseOptions
from functions.worker.http_client import http_client
from functions.worker.model import Model
from functions.worker.openai_client import openai_client
from functions.worker.openai_model import OpenAIModel
from functions.worker.settings import ModelOptions
from tests.integration.worker.worker_fixture import WorkerFixture
from tests.support.environment import TABLE_NAME
from tests.support.faulty_model import FaultyModel


@dataclass
class Server:
    """A faulty model server that is running."""

    model: FaultyModel
    url: str


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    model = FaultyModel()
    async with await model.serve() as listening:
        port = listening.sockets[0].getsockname()[1]
        yield Server(model, f"http://127.0.0.1:{port}/v1")


@pytest.fixture(autouse=True)
async def http_clients(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    """Close the HTTP clients that a test makes: a worker keeps its own for as long as it lives."""
    made: list[aiohttp.ClientSession] = []

    def making(**settings: float) -> aiohttp.ClientSession:
        made.append(http_client(**settings))
        return made[-1]

    monkeypatch.setattr(openai_client_module, "http_client", making)
    monkeypatch.setattr(bedrock_client_module, "http_client", making)
    yield
    for client in made:
        await client.close()


BOTH = pytest.mark.parametrize("provider", ["openai", "bedrock"], indirect=True)
"""For tests of what a model server does wrong: each provider does it in its own words."""


@pytest.fixture
def provider(request: pytest.FixtureRequest) -> str:
    """Whose API the model is asked with: FRAMESTREAM_PROVIDER's, where a test does not say."""
    return str(getattr(request, "param", os.environ.get("FRAMESTREAM_PROVIDER", "openai")))


@pytest.fixture
async def model(server: Server, provider: str, http_clients: None) -> Model:
    return model_at(server.url, provider)


def model_at(url: str, provider: str) -> Model:
    """A model at this address."""
    longest = timedelta(seconds=20)
    if provider == "bedrock":
        role, origin = StaticCredentials("ASIATEST", "test", "test"), url.removesuffix("/v1")
        client = bedrock_client(
            region="eu-west-1", credentials=lambda: role, longest=longest, endpoint_url=origin
        )
        return BedrockModel(client=client, options=ConverseOptions())
    return OpenAIModel(
        client=openai_client(base_url=url, key="canary-key", longest=longest), options=ModelOptions()
    )


@pytest.fixture
def table() -> Iterator[DynamoDBClient]:
    with mock_aws():
        client = boto3.client("dynamodb", region_name="us-east-1")
        client.create_table(
            TableName=TABLE_NAME,
            KeySchema=[
                {"AttributeName": "pk", "KeyType": "HASH"},
                {"AttributeName": "sk", "KeyType": "RANGE"},
            ],
            AttributeDefinitions=[
                {"AttributeName": "pk", "AttributeType": "S"},
                {"AttributeName": "sk", "AttributeType": "S"},
            ],
            BillingMode="PAY_PER_REQUEST",
        )
        yield client


@pytest.fixture
def bench(table: DynamoDBClient, model: Model) -> WorkerFixture:
    return WorkerFixture(table, model)
