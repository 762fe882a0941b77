"""Whatever fails behind a door, and at whichever call, the caller is told a code and a fixed sentence."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError

from tests.integration.doors import Doors, forget_wiring
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
Door = Callable[[Doors], dict[str, Any]]


def knock_with_a_ticket(doors: Doors) -> dict[str, Any]:
    user = doors.new("user")
    issued = json.loads(doors.call("POST", "/api/chat/connection-tickets", user)["body"])
    return doors.knock(user, query=[("ticket", issued.get("ticket", "x" * 43))])


def knock_as_the_fourth(doors: Doors) -> dict[str, Any]:
    user = doors.new("user")
    return [doors.knock(user) for _ in range(4)][-1]


def read(doors: Doors) -> dict[str, Any]:
    user = doors.new("user")
    return doors.call("GET", f"/api/chat/generations/{_id_of(doors.ask(user))}", user)


def cancel(doors: Doors) -> dict[str, Any]:
    user = doors.new("user")
    return doors.call("POST", f"/api/chat/generations/{_id_of(doors.ask(user))}/cancel", user)


def close_all(doors: Doors) -> dict[str, Any]:
    user = doors.new("user")
    doors.knock(user)
    return doors.call("DELETE", "/api/chat/connections", user)


def _id_of(answer: dict[str, Any]) -> str:
    generation_id: str = json.loads(answer["body"]).get("generation_id", "0" * 32)
    return generation_id


DOORS: dict[str, Door] = {
    "a handshake": lambda doors: doors.knock(doors.new("user")),
    "a handshake with a ticket": knock_with_a_ticket,
    "one handshake too many": knock_as_the_fourth,
    "a prompt": lambda doors: doors.ask(doors.new("user")),
    "a ticket": lambda doors: doors.call("POST", "/api/chat/connection-tickets", doors.new("user")),
    "an answer": read,
    "a cancellation": cancel,
    "the list of sockets": lambda doors: doors.call("GET", "/api/chat/connections", doors.new("user")),
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
@pytest.mark.parametrize("door", DOORS)
def test_an_answer_tells_nothing_of_what_failed(
    door: str, kind: str, doors: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    error, act = ERRORS[kind], DOORS[door]
    with calls(monkeypatch, fails=None, error=error) as points:
        act(doors)

    for point in range(len(points)):
        forget_wiring()
        with calls(monkeypatch, fails=point, error=error):
            answer = act(doors)

        told = json.dumps(answer)
        assert answer["statusCode"] in {200, 201, 202, 401, 404, 429, 503}
        assert not [word for word in (*TELLING, type(error).__name__, "Exception") if word in told], told
        if answer["statusCode"] == 503:
            assert json.loads(answer["body"])["code"] == 1013

    assert points


@pytest.mark.fault(91)
def test_there_are_many_points_at_which_something_is_made_to_fail(
    doors: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    with calls(monkeypatch, fails=None, error=ValueError()) as points:
        for act in DOORS.values():
            forget_wiring()
            act(doors)

    assert len(points) * len(ERRORS) > 100


@pytest.mark.fault(91)
@pytest.mark.parametrize("kind", ERRORS)
def test_over_the_socket_nothing_is_told_of_what_failed(
    kind: str, doors: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    doors.knock("ada", connection_id="c=")

    with calls(monkeypatch, fails=0, error=ERRORS[kind]), pytest.raises(type(ERRORS[kind])):
        doors.say('{"type":"ping"}', "c=")

    assert doors.gateway.posts == []  # The gateway tells of a fault that there was one, and its own ids.


@pytest.mark.fault(38)
@pytest.mark.parametrize("code", THROTTLED)
@pytest.mark.parametrize("door", DOORS)
def test_a_throttled_table_is_never_a_full_house(
    door: str, code: str, doors: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    with calls(monkeypatch, fails=None, error=THROTTLED[code]) as points:
        fine = DOORS[door](doors)["statusCode"]

    for point, operation in enumerate(points):
        if operation in TABLE_CALLS:
            with calls(monkeypatch, fails=point, error=THROTTLED[code]):
                # An earlier call may have failed: then there is no ticket, no prompt, or a free place.
                assert DOORS[door](doors)["statusCode"] in {503, fine, 200, 401, 404}


@pytest.mark.fault(38)
@pytest.mark.parametrize("code", THROTTLED)
def test_over_the_socket_a_throttled_table_is_told_as_try_later(
    code: str, doors: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    doors.knock("ada", connection_id="c=")

    with calls(monkeypatch, fails=0, error=THROTTLED[code]):
        assert doors.say('{"type":"ping"}', "c=") == {"statusCode": 503}

    ((_, told),) = doors.gateway.posts
    assert (json.loads(told)["status"], json.loads(told)["code"]) == ("rejected", 1013)
    assert not [word for word in TELLING if word in told.decode()]
