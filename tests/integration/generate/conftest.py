"""The HTTP function, wired to AWS in this process."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from functions.generate import wiring
from functions.generate.concurrently import one_by_one
from tests.integration.generate.site import Site
from tests.support import environment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_sqs import SQSClient


@pytest.fixture
def site(
    monkeypatch: pytest.MonkeyPatch, dynamodb: DynamoDBClient, sqs: SQSClient, token_secret: str
) -> Iterator[Site]:
    for name, value in (environment.GENERATE | {"TOKEN_SECRET_ARN": token_secret}).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(wiring, "at_once", one_by_one)  # moto is not made for threads.
    api = wiring.api  # A test may replace it.
    api.cache_clear()
    yield Site(dynamodb, sqs)
    api.cache_clear()
