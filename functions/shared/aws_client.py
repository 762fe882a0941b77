"""The few AWS services that functions call, as boto3's clients are called, for a tenth of the processor time.

A prompt takes some fifteen small calls until its first word. Through botocore each costs 3 ms of a core, most
of it for what is the same each time, and the SDK's import is half of a cold start; a call here takes 0.3 ms.
The methods and their arguments, replies and errors are those of boto3, so tests use either.
"""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache, partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError

from functions.shared.retry import Retry

if TYPE_CHECKING:
    from collections.abc import Callable

    from functions.shared.http_connections import HttpConnections, Reply
    from functions.shared.signing import Credentials, Signer

AWS_CALL = Retry(attempts=3, first=0.1, longest=1)
"""For what passes by itself: no reply, a fault of the service, and too many calls."""
PASSING = frozenset(
    {
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "RequestTimeout",
        "RequestTimeoutException",
        "SlowDown",
        "Throttling",
        "ThrottledException",
        "ThrottlingException",
        "TooManyRequestsException",
        "LimitExceededException",
        "TransactionInProgressException",
    }
)
"""Errors that ask for another try (https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html)."""
OPERATIONS = frozenset(
    {
        *("get_item", "put_item", "update_item", "delete_item", "query", "transact_write_items"),
        *("send_message", "receive_message", "delete_message", "change_message_visibility"),
        "get_secret_value",
    }
)
"""What boto3 offers besides, such as paginators, is not here."""
PASSING_STATUSES = frozenset({429, 500, 502, 503, 504})
CODE_IN_XML = re.compile(r"<Code>([\w.]+)</Code>")
"""Where STS names an error."""


class UnreadableReply(BotoCoreError):
    """A service said that all went well, in a way that cannot be read."""

    fmt = "The reply of {service} is not JSON."


@cache
def error_class(code: str) -> type[ClientError]:
    """Return the exception of this code, the same each time, as `client.exceptions` has it."""
    return type(code, (ClientError,), {})


class _Exceptions:
    """`client.exceptions.ConditionalCheckFailedException` and all others."""

    def __getattr__(self, code: str) -> type[ClientError]:
        return error_class(code)


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """Signed calls to one service, each made again if that may help."""

    connections: HttpConnections
    signer: Signer
    credentials: Callable[[], Credentials]
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    sleep: Callable[[float], object] = time.sleep

    def call(
        self, operation: str, body: bytes, *, method: str = "POST", path: str = "/", target: str | None = None
    ) -> bytes:
        """Make a call and return the body of its reply.

        Raises:
            HTTPClientError: If there was no reply.
            ClientError: If the service refused; with its code, its message, and what else the body holds.
        """
        for number in AWS_CALL.tries(self.sleep):
            is_last = number == AWS_CALL.attempts - 1
            headers = self.signer.headers(
                method, path, body, self.credentials(), now=self.clock(), target=target
            )
            try:
                reply = self.connections.request(method, path, body, headers)
            except HTTPClientError:
                if is_last:
                    raise
                continue
            if reply.status < HTTPStatus.MULTIPLE_CHOICES:
                return reply.body
            error = _error(reply, operation)
            if is_last or not (
                reply.status in PASSING_STATUSES or error.response["Error"]["Code"] in PASSING
            ):
                raise error
        raise AssertionError("a policy has at least one attempt")


@dataclass(frozen=True, slots=True)
class JsonClient:
    """A service that speaks AWS JSON: `client.put_item(…)` posts `PutItem`."""

    service: Service
    prefix: str
    """Of the operation in X-Amz-Target, as in `DynamoDB_20120810.PutItem`."""
    exceptions: _Exceptions = field(default_factory=_Exceptions)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name not in OPERATIONS:
            raise AttributeError(f"{name} is no operation that functions call: see OPERATIONS")
        operation = "".join(part.capitalize() for part in name.split("_"))
        return partial(self._call, operation)

    def _call(self, operation: str, **parameters: Any) -> Any:
        body = json.dumps(parameters, separators=(",", ":")).encode()
        reply = self.service.call(operation, body, target=f"{self.prefix}.{operation}")
        try:
            return json.loads(reply or b"{}")
        except ValueError:
            raise UnreadableReply(service=self.prefix) from None


@dataclass(frozen=True, slots=True)
class SocketClient:
    """API Gateway's management API: a socket is a path."""

    service: Service
    stage: str
    """The path of the stage, as in `/prod`."""
    exceptions: _Exceptions = field(default_factory=_Exceptions)

    def get_connection(self, *, ConnectionId: str) -> object:  # noqa: N803  boto3's name
        return self._call("GetConnection", "GET", ConnectionId)

    def delete_connection(self, *, ConnectionId: str) -> object:  # noqa: N803  boto3's name
        return self._call("DeleteConnection", "DELETE", ConnectionId)

    def post_to_connection(self, *, ConnectionId: str, Data: bytes) -> object:  # noqa: N803  boto3's names
        return self._call("PostToConnection", "POST", ConnectionId, Data)

    def _call(self, operation: str, method: str, connection_id: str, body: bytes = b"") -> object:
        path = f"{self.stage}/@connections/{quote(connection_id, safe='')}"
        return self.service.call(operation, body, method=method, path=path)


def _error(reply: Reply, operation: str) -> ClientError:
    """Read what a service refuses with: code and message, and beside them what it tells more."""
    told = _told(reply.body)
    # `com.amazonaws.dynamodb.v20120810#ValidationException` in a body, `GoneException:http://…` in a header.
    code = (reply.error_type or str(told.get("__type", ""))).partition(":")[0].rpartition("#")[2]
    if reply.status == HTTPStatus.GONE:
        code = "GoneException"
    message = str(told.get("message") or told.get("Message") or "")
    response: Any = {
        **told,
        "Error": {"Code": code or str(reply.status), "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": reply.status},
    }
    return error_class(response["Error"]["Code"])(response, operation)


def _told(body: bytes) -> dict[str, Any]:
    try:
        told = json.loads(body)
    except ValueError:
        found = CODE_IN_XML.search(body.decode(errors="replace"))
        return {"__type": found[1]} if found else {}
    return told if isinstance(told, dict) else {}


def stage_of(endpoint: str) -> tuple[str, str]:
    """Return the origin and the path of the management API's endpoint."""
    address = urlsplit(endpoint)
    return f"{address.scheme}://{address.netloc}", address.path.rstrip("/")
