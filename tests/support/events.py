"""What API Gateway hands to the functions."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from tests.support.builders import ORIGIN, USER

Pairs = Sequence[tuple[str, str]]


class Context(LambdaContext):
    """What Lambda says about an invocation."""

    _function_name = "framestream"
    _memory_limit_in_mb = 512
    _invoked_function_arn = "arn:aws:lambda:us-east-1:123456789012:function:framestream"
    _aws_request_id = "request-1"

    @staticmethod
    def get_remaining_time_in_millis() -> int:
        """All the time of a worker."""
        return 900_000


def connect_event(
    *,
    token: str | None = None,
    connection_id: str = "c1",
    query: Pairs | None = None,
    headers: Pairs = (("Origin", ORIGIN),),
    multi: bool = True,
) -> dict[str, Any]:
    """A `$connect`: by default with `user_id` and `token` in the query.

    API Gateway gives every value in the `multiValue…` fields and the last one in the others; not everything
    that speaks its language has the former (`multi=False`).
    """
    pairs = query if query is not None else [("user_id", USER), ("token", token or "")]
    event = _request("$connect", "CONNECT", connection_id)
    event |= {"headers": dict(headers), "queryStringParameters": dict(pairs) or None}
    if multi:
        event |= {"multiValueHeaders": _grouped(headers)}
        event |= {"multiValueQueryStringParameters": _grouped(pairs) or None}
    return event


def message_naming(route: str, connection_id: str = "c1") -> dict[str, Any]:
    """A client's message that names a route which is not meant for messages."""
    return _request(route, "MESSAGE", connection_id) | {"body": f'{{"action":"{route}"}}'}


def disconnect_event(connection_id: str = "c1", **context: object) -> dict[str, Any]:
    """A `$disconnect`."""
    event = _request("$disconnect", "DISCONNECT", connection_id) | {"headers": {}}
    event["requestContext"] |= {"disconnectStatusCode": 1001, "disconnectReason": ""} | context
    return event


def message_event(body: str | None, *, connection_id: str = "c1", binary: bool = False) -> dict[str, Any]:
    """A `$default`; it has neither headers nor query."""
    return _request("$default", "MESSAGE", connection_id) | {"body": body, "isBase64Encoded": binary}


def http_event(
    method: str,
    path: str,
    *,
    token: str | None = None,
    body: object = None,
    headers: dict[str, str] | None = None,
    query: dict[str, str] | None = None,
    origin: str | None = ORIGIN,
) -> dict[str, Any]:
    """A request to the HTTP API (payload 2.0): header names in lower case; a body that is no text is JSON."""
    head = {"origin": origin} if origin is not None else {}
    if token:
        head |= {"authorization": f"Bearer {token}"}
    if body is not None:
        head |= {"content-type": "application/json"}
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "headers": head | (headers or {}),
        "requestContext": {
            "http": {"method": method, "path": path, "sourceIp": "203.0.113.1"},
            "requestId": "request-1",
            "stage": "$default",
        },
        "isBase64Encoded": False,
    }
    if body is not None:
        event["body"] = body if isinstance(body, str) else json.dumps(body)
    if query:
        event["queryStringParameters"] = query
    return event


def _request(route: str, kind: str, connection_id: str) -> dict[str, Any]:
    return {
        "requestContext": {
            "routeKey": route,
            "eventType": kind,
            "connectionId": connection_id,
            "connectedAt": int(time.time() * 1000),
            "requestId": "request-1",
            "stage": "prod",
            "identity": {"sourceIp": "203.0.113.1"},
        },
        "isBase64Encoded": False,
    }


def _grouped(pairs: Pairs) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = {}
    for name, value in pairs:
        grouped.setdefault(name, []).append(value)
    return grouped
