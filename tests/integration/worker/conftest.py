"""A model server and a table for the worker's tests."""

from __future__ import annotations

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
from functions.worker.http_client import http_client
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


@pytest.fixture
async def openai_model(server: Server, http_clients: None) -> OpenAIModel:
    client = openai_client(base_url=server.url, key="canary-key", longest=timedelta(seconds=20))
    return OpenAIModel(client=client, options=ModelOptions())


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
def bench(table: DynamoDBClient, openai_model: OpenAIModel) -> WorkerFixture:
    return WorkerFixture(table, openai_model)
