"""How functions talk to AWS: one client per service and environment, and what its faults mean to us."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from functions.shared.aws_client import JsonClient, Service, SocketClient, stage_of
from functions.shared.errors import SettingsError, Unavailable
from functions.shared.http_connections import HttpConnections, host_of
from functions.shared.signing import Signer, StaticCredentials

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from functions.shared.signing import Credentials

TARGETS = {
    "dynamodb": ("DynamoDB_20120810", "application/x-amz-json-1.0"),
    "sqs": ("AmazonSQS", "application/x-amz-json-1.0"),
    "secretsmanager": ("secretsmanager", "application/x-amz-json-1.1"),
}
"""What services that speak AWS JSON call themselves in X-Amz-Target, and which JSON they take."""


def client(service: str) -> Any:
    """Make a client of a service, as boto3 would.

    Raises:
        SettingsError: If the environment does not say which region, or whose credentials.
    """
    prefix, content_type = TARGETS[service]
    return JsonClient(_service(service, _endpoint(service), content_type), prefix)


def socket_client() -> Any:
    """Make a client of this deployment's management API."""
    origin, stage = stage_of(os.environ["AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI"])
    return SocketClient(_service("execute-api", origin, "application/json"), stage)


def query_service(name: str) -> Service:
    """Make calls to a service that takes forms and replies in XML.

    Raises:
        SettingsError: If there are no credentials.
    """
    return _service(name, _endpoint(name), "application/x-www-form-urlencoded")


def credentials() -> Callable[[], Credentials]:
    """Return what tells the present credentials.

    Lambda puts them into the environment, for as long as that lives. An environment that was restored from a
    snapshot asks for them instead, and they change; for that the SDK is there.

    Raises:
        SettingsError: If there are none.
    """
    if access_key := os.environ.get("AWS_ACCESS_KEY_ID"):
        secret_key, token = os.environ["AWS_SECRET_ACCESS_KEY"], os.environ.get("AWS_SESSION_TOKEN")
        static = StaticCredentials(access_key, secret_key, token)
        return lambda: static
    import botocore.session  # noqa: PLC0415  a fifth of a second that few environments need

    found = botocore.session.get_session().get_credentials()
    if found is None:
        raise SettingsError("there are no AWS credentials")
    return found.get_frozen_credentials


def _service(name: str, origin: str, content_type: str) -> Service:
    connections = HttpConnections(origin)
    region = os.environ["AWS_REGION"]
    signer = Signer(service=name, host=host_of(origin), region=region, content_type=content_type)
    return Service(connections=connections, signer=signer, credentials=credentials())


def _endpoint(service: str) -> str:
    """Return the service's address in this region, or what the environment says instead, as the SDKs do.

    https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
    """
    word = {"secretsmanager": "SECRETS_MANAGER"}.get(service, service.upper())
    if said := os.environ.get(f"AWS_ENDPOINT_URL_{word}") or os.environ.get("AWS_ENDPOINT_URL"):
        return said.rstrip("/")
    region = os.environ["AWS_REGION"]
    return f"https://{service}.{region}.amazonaws.com{'.cn' if region.startswith('cn-') else ''}"


THROTTLED = {
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "Throttling",
    "ThrottlingException",
    "TransactionConflictException",
}
"""What DynamoDB says when it is asked for too much at once, and the SDK has tried often enough."""


@contextmanager
def outages() -> Iterator[None]:
    """Tell a fault of AWS, once the SDK has given up, as Unavailable.

    Raises:
        Unavailable: If a call failed for a reason that its adapter does not expect.
    """
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise Unavailable(reason_of(error)) from error


@contextmanager
def throttling() -> Iterator[None]:
    """Tell a service's refusal to do more right now as Unavailable; all else is a fault of ours.

    Raises:
        Unavailable: If a call was throttled.
    """
    try:
        yield
    except ClientError as error:
        if reason_of(error) not in THROTTLED:
            raise
        raise Unavailable(reason_of(error)) from error


def reason_of(error: BotoCoreError | ClientError) -> str:
    """Return a word for our logs: AWS's own, or what kept us from getting an answer."""
    return error.response["Error"]["Code"] if isinstance(error, ClientError) else type(error).__name__
