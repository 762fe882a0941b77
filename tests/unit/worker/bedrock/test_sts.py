"""How a role is assumed: what STS is asked, and what each of its replies means."""

from __future__ import annotations

import socket
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

import pytest
from botocore.session import get_session

from functions.shared.aws_client import AWS_CALL
from functions.shared.generations.failures import Failure
from functions.shared.signing import StaticCredentials
from functions.worker.bedrock.sts import Session, assume
from functions.worker.model import ModelFailed
from tests.support.fake_sts import assumed, refused
from tests.unit.shared.test_aws_client import Answer, answering

ROLE = "arn:aws:iam::210987654321:role/models"
END = datetime(2026, 5, 1, 13, tzinfo=UTC)


def test_a_role_is_assumed_with_the_form_that_the_sdk_sends() -> None:
    client: Any = get_session().create_client(
        "sts",
        region_name="us-east-1",
        endpoint_url="http://127.0.0.1:9",
        aws_access_key_id="a",
        aws_secret_access_key="b",
    )
    forms: list[dict[str, str]] = []
    client.meta.events.register("before-call", lambda params, **_: forms.append(params["body"]))
    client.meta.events.register("before-send", lambda **_: _Fine())
    client.assume_role(RoleArn=ROLE, RoleSessionName="framestream", ExternalId="a:b/c=1+2")

    with answering((200, assumed(END))) as sts:
        assume(sts.service("sts"), ROLE, "a:b/c=1+2")

    [(method, path, headers, body)] = sts.calls
    assert (method, path) == ("POST", "/")
    assert {name: value for name, [value] in parse_qs(body.decode()).items()} == forms[0]
    assert "/us-east-1/sts/aws4_request" in headers["Authorization"]


class _Fine:
    """The reply that the SDK is given."""

    status_code = 200
    headers: dict[str, str] = {}  # noqa: RUF012
    content = assumed(END)
    text = content.decode()
    raw = None


def test_without_an_external_id_none_is_sent() -> None:
    with answering((200, assumed(END))) as sts:
        assume(sts.service("sts"), ROLE)

    assert b"ExternalId" not in sts.calls[0][3]


def test_its_credentials_last_until_the_reply_says() -> None:
    with answering((200, assumed("2026-05-01T13:00:00Z"))) as sts:
        session = assume(sts.service("sts"), ROLE)

    credentials = StaticCredentials("ASIAROLE", "canary/+=", "canary-session-of-ASIAROLE")
    assert session == Session(credentials, END)
    assert "canary" not in repr(session)


def failed_with(*answers: Answer | Any) -> ModelFailed:
    with answering(*answers) as sts, pytest.raises(ModelFailed) as failed:
        assume(sts.service("sts"), ROLE)
    assert "canary" not in repr(failed.value) + str(failed.value.__dict__)
    assert failed.value.__suppress_context__
    return failed.value


@pytest.mark.parametrize(
    ("status", "code", "failure", "worth_retrying"),
    [
        (403, "AccessDenied", Failure.REJECTED, False),
        (403, "InvalidClientTokenId", Failure.REJECTED, False),
        (403, "SignatureDoesNotMatch", Failure.REJECTED, False),
        (403, "RegionDisabledException", Failure.REJECTED, False),
        (400, "ValidationError", Failure.REJECTED, False),
        (400, "MalformedPolicyDocument", Failure.REJECTED, False),
        (403, "ExpiredTokenException", Failure.UNAVAILABLE, True),
        (400, "SomethingNew", Failure.REJECTED, False),
    ],
)
def test_a_role_that_is_refused_is_a_failure_with_the_code_of_sts(
    status: int, code: str, failure: Failure, *, worth_retrying: bool
) -> None:
    failed = failed_with((status, refused(code)))

    assert (failed.failure, failed.worth_retrying, failed.broke_off) == (failure, worth_retrying, False)
    assert (failed.status, failed.provider_code, failed.error) == (status, code, "AssumeRole")


@pytest.mark.parametrize(
    ("status", "code", "failure"),
    [
        (400, "Throttling", Failure.RATE_LIMITED),
        (500, "InternalFailure", Failure.UNAVAILABLE),
        (503, "ServiceUnavailable", Failure.UNAVAILABLE),
        (502, "BadGateway", Failure.UNAVAILABLE),
    ],
)
def test_what_passes_by_itself_is_tried_again_and_leads_to_the_fallback(
    status: int, code: str, failure: Failure
) -> None:
    failed = failed_with(*[(status, refused(code))] * AWS_CALL.attempts)

    assert (failed.failure, failed.worth_retrying) == (failure, True)


@pytest.mark.parametrize(
    "reply",
    [
        b"",
        b"<html>canary",
        b"{}",
        b"<AssumeRoleResponse/>",
        assumed(""),
        assumed("soon"),
        assumed("2026-05-01T13:00:00"),
        assumed(END, key=""),
        assumed(END, secret=" "),
    ],
)
def test_a_reply_without_whole_credentials_is_a_fault_of_sts(reply: bytes) -> None:
    failed = failed_with((200, reply))

    assert (failed.failure, failed.worth_retrying) == (Failure.UNAVAILABLE, True)


def test_an_sts_that_cannot_be_reached_is_one_that_is_not_available() -> None:
    def close(connection: socket.socket) -> None:
        connection.shutdown(socket.SHUT_RDWR)

    failed = failed_with(*[close] * AWS_CALL.attempts)

    assert (failed.failure, failed.provider_code) == (Failure.UNAVAILABLE, "ConnectionClosedError")
