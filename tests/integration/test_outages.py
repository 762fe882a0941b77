"""Whatever fails behind an entry point, and at whichever call, the reply is a code and a fixed sentence."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError

from tests.integration.functions_in_process import FunctionsInProcess, forget_wiring
from tests.support.environment import TABLE_NAME

ARN = "arn:aws:dynamodb:us-east-1:123456789012:table/framestream"
TELLING = ("arn:", "123456789012", TABLE_NAME, "dynamodb", "secretsmanager", "sqs", "boto", "Traceback")
"""What would help an attacker; so would the name of an error's class."""
ERRORS: dict[str, Exception] = {
    "denied": ClientError(
        {"Error": {"Code": "AccessDeniedException", "Message": f"not authorized to perform this on {ARN}"}},
        "PutItem",
    ),
    "no table": ClientError(
        {"Error": {"Code": "ResourceNotFoundException", "Message": f"{ARN} not found"}}, "Query"
    ),
    "no connection": EndpointConnectionError(endpoint_url="https://dynamodb.us-east-1.amazonaws.com"),
    "no answer": ReadTimeoutError(endpoint_url="https://sqs.us-east-1.amazonaws.com"),
}
THROTTLED = {
    code: ClientError({"Error": {"Code": code, "Message": f"slow down, {ARN}"}}, "UpdateItem")
    for code in ("ProvisionedThroughputExceededException", "ThrottlingException", "RequestLimitExceeded")
}
TABLE_CALLS = {"Query", "GetItem", "PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems"}
EntryPoint = Callable[[FunctionsInProcess], dict[str, Any]]


def handshake_with_a_ticket(functions: FunctionsInProcess) -> dict[str, Any]:
    user = functions.new("user")
    issued = json.loads(functions.call("POST", "/api/chat/connection-tickets", user)["body"])
    return functions.handshake(user, query=[("ticket", issued.get("ticket", "x" * 43))])


def handshake_as_the_fourth(functions: FunctionsInProcess) -> dict[str, Any]:
    user = functions.new("user")
    return [functions.handshake(user) for _ in range(4)][-1]


def read(functions: FunctionsInProcess) -> dict[str, Any]:
    user = functions.new("user")
    return functions.call("GET", f"/api/chat/generations/{_id_of(functions.ask(user))}", user)


def cancel(functions: FunctionsInProcess) -> dict[str, Any]:
    user = functions.new("user")
    return functions.call("POST", f"/api/chat/generations/{_id_of(functions.ask(user))}/cancel", user)


def close_all(functions: FunctionsInProcess) -> dict[str, Any]:
    user = functions.new("user")
    functions.handshake(user)
    return functions.call("DELETE", "/api/chat/connections", user)


def _id_of(answer: dict[str, Any]) -> str:
    generation_id: str = json.loads(answer["body"]).get("generation_id", "0" * 32)
    return generation_id


ENTRY_POINTS: dict[str, EntryPoint] = {
    "a handshake": lambda functions: functions.handshake(functions.new("user")),
    "a handshake with a ticket": handshake_with_a_ticket,
    "one handshake too many": handshake_as_the_fourth,
    "a prompt": lambda functions: functions.ask(functions.new("user")),
    "a ticket": lambda functions: functions.call(
        "POST", "/api/chat/connection-tickets", functions.new("user")
    ),
    "an answer": read,
    "a cancellation": cancel,
    "the list of sockets": lambda functions: functions.call(
        "GET", "/api/chat/connections", functions.new("user")
    ),
    "the end of all sockets": close_all,
}


@contextmanager
def calls(monkeypatch: pytest.MonkeyPatch, *, fails: int | None, error: Exception) -> Iterator[list[str]]:
    """Collect the calls to AWS, and let one of them fail."""
    made: list[str] = []
    call = BaseClient._make_api_call  # type: ignore[attr-defined]

    def counting(self: Any, operation: str, parameters: Any) -> Any:
        made.append(operation)
        if fails == len(made) - 1:
            raise error
        return call(self, operation, parameters)

    with monkeypatch.context() as patch:
        patch.setattr(BaseClient, "_make_api_call", counting)
        yield made


@pytest.mark.fault(91)
@pytest.mark.parametrize("kind", ERRORS)
@pytest.mark.parametrize("entry_point", ENTRY_POINTS)
def test_an_answer_tells_nothing_of_what_failed(
    entry_point: str, kind: str, functions: FunctionsInProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    error, act = ERRORS[kind], ENTRY_POINTS[entry_point]
    with calls(monkeypatch, fails=None, error=error) as points:
        act(functions)

    for point in range(len(points)):
        forget_wiring()
        with calls(monkeypatch, fails=point, error=error):
            answer = act(functions)

        told = json.dumps(answer)
        assert answer["statusCode"] in {200, 201, 202, 401, 404, 429, 503}
        assert not [word for word in (*TELLING, type(error).__name__, "Exception") if word in told], told
        if answer["statusCode"] == 503:
            assert json.loads(answer["body"])["code"] == 1013

    assert points


@pytest.mark.fault(91)
def test_there_are_many_points_at_which_something_is_made_to_fail(
    functions: FunctionsInProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    with calls(monkeypatch, fails=None, error=ValueError()) as points:
        for act in ENTRY_POINTS.values():
            forget_wiring()
            act(functions)

    assert len(points) * len(ERRORS) > 100


@pytest.mark.fault(91)
@pytest.mark.parametrize("kind", ERRORS)
def test_over_the_socket_nothing_is_told_of_what_failed(
    kind: str, functions: FunctionsInProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    functions.handshake("ada", connection_id="c=")

    with calls(monkeypatch, fails=0, error=ERRORS[kind]), pytest.raises(type(ERRORS[kind])):
        functions.say('{"type":"ping"}', "c=")

    assert functions.gateway.posts == []  # The gateway tells of a fault that there was one, and its own ids.


@pytest.mark.fault(38)
@pytest.mark.parametrize("code", THROTTLED)
@pytest.mark.parametrize("entry_point", ENTRY_POINTS)
def test_a_throttled_table_is_never_a_full_house(
    entry_point: str, code: str, functions: FunctionsInProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    with calls(monkeypatch, fails=None, error=THROTTLED[code]) as points:
        fine = ENTRY_POINTS[entry_point](functions)["statusCode"]

    for point, operation in enumerate(points):
        if operation in TABLE_CALLS:
            with calls(monkeypatch, fails=point, error=THROTTLED[code]):
                # An earlier call may have failed: then there is no ticket, no prompt, or a free place.
                assert ENTRY_POINTS[entry_point](functions)["statusCode"] in {503, fine, 200, 401, 404}


@pytest.mark.fault(38)
@pytest.mark.parametrize("code", THROTTLED)
def test_over_the_socket_a_throttled_table_is_told_as_try_later(
    code: str, functions: FunctionsInProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    functions.handshake("ada", connection_id="c=")

    with calls(monkeypatch, fails=0, error=THROTTLED[code]):
        assert functions.say('{"type":"ping"}', "c=") == {"statusCode": 503}

    ((_, told),) = functions.gateway.posts
    assert (json.loads(told)["status"], json.loads(told)["code"]) == ("rejected", 1013)
    assert not [word for word in TELLING if word in told.decode()]
