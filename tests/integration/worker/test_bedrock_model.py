"""Asking a server that speaks ConverseStream through the real client: what is sent, and what comes of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import botocore.auth
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.session import get_session

from functions.shared import aws
from functions.shared.generations.failures import Failure
from functions.shared.http_connections import HttpConnections
from functions.shared.models.table import Models
from functions.shared.signing import StaticCredentials
from functions.worker.bedrock.client import bedrock_client
from functions.worker.bedrock.model import BedrockModel
from functions.worker.bedrock.request import ConverseOptions
from functions.worker.conversation import Conversation
from functions.worker.model import ModelFailed, Piece
from functions.worker.providers import model_of
from functions.worker.settings import WorkerSettings
from tests.integration.worker.conftest import Server
from tests.support import environment
from tests.support.fake_sts import assumed, refused
from tests.unit.shared.test_aws_client import Aws
from tests.unit.shared.test_aws_client import answering as aws_answering

ROLE = StaticCredentials("ASIACANARY", "canary-secret", "canary-session")
MODEL = "eu.anthropic.claude-sonnet-4-20250514-v1:0"
PROFILE = f"arn:aws:bedrock:eu-west-1:123456789012:inference-profile/{MODEL}"


def plan(*faults: dict[str, Any], **more: Any) -> str:
    return json.dumps({"key": "k", "deltas": ["Hel", "lo"], "faults": list(faults)} | more)


def model_at(url: str, **options: Any) -> BedrockModel:
    client = bedrock_client(
        region="eu-west-1",
        credentials=lambda: ROLE,
        longest=timedelta(seconds=20),
        endpoint_url=url.removesuffix("/v1"),
    )
    return BedrockModel(client=client, options=ConverseOptions(**options))


async def read(model: BedrockModel, prompt: str, model_id: str = MODEL) -> list[Piece]:
    return [piece async for piece in model.pieces(Conversation(prompt=prompt), model=model_id)]


async def refusal(model: BedrockModel, prompt: str) -> ModelFailed:
    with pytest.raises(ModelFailed) as failed:
        await read(model, prompt)
    return failed.value


async def test_an_answer_comes_with_its_reasoning_its_end_and_its_tokens(server: Server) -> None:
    pieces = await read(
        model_at(server.url),
        plan(deltas=[{"reasoning_content": "Otters"}, {"reasoning_content": " swim."}, "Hel", "lo"]),
    )

    assert "".join(piece.reasoning for piece in pieces) == "Otters swim."
    assert "".join(piece.text for piece in pieces) == "Hello"
    assert [piece.finish_reason for piece in pieces if piece.finish_reason] == ["stop"]
    assert pieces[-1].is_done
    assert pieces[-1].usage is not None
    assert pieces[-1].usage.total_tokens == 11


@pytest.mark.parametrize("model_id", [MODEL, PROFILE, "amazon.nova-lite-v1:0"])
async def test_a_model_is_asked_at_the_address_at_which_the_sdk_asks(server: Server, model_id: str) -> None:
    client: Any = get_session().create_client(
        "bedrock-runtime",
        region_name="eu-west-1",
        endpoint_url=server.url.removesuffix("/v1"),
        aws_access_key_id="a",
        aws_secret_access_key="b",
    )
    said: list[AWSRequest] = []

    def note(request: AWSRequest, **_: object) -> _Sent:
        said.append(request)
        return _Sent()

    client.meta.events.register("before-send", note)

    client.converse_stream(modelId=model_id, messages=[{"role": "user", "content": [{"text": plan()}]}])
    await read(model_at(server.url), plan(), model_id)

    [call] = server.model.calls
    assert said[0].url == server.url.removesuffix("/v1") + call.path


class _Sent:
    """A reply that says nothing."""

    status_code = 200
    headers: dict[str, str] = {}  # noqa: RUF012
    content = b""
    text = ""
    raw = None


async def test_the_signature_is_botocores(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    await read(model_at(server.url), plan(), PROFILE)

    [call] = server.model.calls
    sent = call.headers
    now = datetime.strptime(sent["x-amz-date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda: now)
    body = json.dumps(
        {"messages": [{"role": "user", "content": [{"text": plan()}]}]}, separators=(",", ":")
    ).encode()
    request = AWSRequest(
        "POST",
        server.url.removesuffix("/v1") + call.path,
        data=body,
        headers={"Content-Type": "application/json"},
    )
    SigV4Auth(Credentials(*ROLE), "bedrock", "eu-west-1").add_auth(request)
    assert call.authorization == request.headers["Authorization"]
    assert sent["x-amz-security-token"] == "canary-session"
    assert sent["accept-encoding"] == "identity"


@pytest.mark.parametrize(
    ("code", "failure", "worth_retrying"),
    [
        (429, Failure.RATE_LIMITED, True),
        (503, Failure.UNAVAILABLE, True),
        (500, Failure.UNAVAILABLE, True),
        (424, Failure.UNAVAILABLE, True),
        (408, Failure.TIMEOUT, True),
        (403, Failure.REJECTED, False),
        (404, Failure.REJECTED, False),
        (400, Failure.REJECTED, False),
    ],
)
async def test_the_server_is_asked_once_and_its_error_carried_on(
    server: Server, code: int, failure: Failure, *, worth_retrying: bool
) -> None:
    fault = {"kind": "status", "code": code, "retry_after": 45}

    failed = await refusal(model_at(server.url), plan(fault, fault))

    assert (failed.failure, failed.worth_retrying, failed.broke_off) == (failure, worth_retrying, False)
    assert (failed.status, failed.retry_after, failed.error) == (code, 45, "ErrorStatus")
    assert str(failed.provider_code).endswith("Exception")
    assert "canary" not in repr(failed) + str(failed)
    assert len(server.model.calls) == 1


@pytest.mark.parametrize(
    ("fault", "failure", "broke_off"),
    [
        ({"kind": "cut", "after": 1}, Failure.INCOMPLETE, True),
        ({"kind": "malformed", "after": 1}, Failure.INCOMPLETE, True),
        ({"kind": "error_object", "after": 1}, Failure.UNAVAILABLE, True),
        ({"kind": "vllm_error", "after": 1}, Failure.UNAVAILABLE, True),
        ({"kind": "model_error", "after": 1}, Failure.INCOMPLETE, True),
        ({"kind": "error_200"}, Failure.INCOMPLETE, False),
        ({"kind": "html"}, Failure.INCOMPLETE, False),
        ({"kind": "finish", "reason": "malformed_model_output"}, Failure.INCOMPLETE, True),
    ],
)
async def test_whatever_goes_wrong_in_a_stream_is_on_the_closed_list(
    server: Server, fault: dict[str, Any], failure: Failure, *, broke_off: bool
) -> None:
    failed = await refusal(model_at(server.url), plan(fault))

    assert (failed.failure, failed.broke_off) == (failure, broke_off)
    assert "canary" not in repr(failed) + str(failed)


async def test_a_model_without_a_cache_and_a_system_prompt_is_asked_without_them(server: Server) -> None:
    model = model_at(server.url, system_prompt="otters " * 1000, has_cache_points=True)
    refuses = {
        "system": {"body": {"message": "This model doesn't support system messages."}},
    }

    first = await read(model, plan(refuses=refuses))
    second = await read(model, plan(refuses=refuses))

    assert "".join(piece.text for piece in [*first, *second]) == "HelloHello"
    assert ["system" in call.sent for call in server.model.calls] == [True, False, False]


async def test_a_refusal_that_is_about_nothing_that_can_be_left_out_is_final(server: Server) -> None:
    refuses = {"messages": {"body": {"message": "The guardrail isn't supported by canary"}}}

    failed = await refusal(model_at(server.url, guardrail=("g1", "1")), plan(refuses=refuses))

    assert failed.failure is Failure.REJECTED
    assert len(server.model.calls) == 1


async def test_a_prompt_that_json_cannot_carry_is_refused_without_being_repeated(server: Server) -> None:
    failed = await refusal(model_at(server.url), "\ud800")

    assert (failed.failure, failed.error) == (Failure.REJECTED, "UnicodeEncodeError")
    assert server.model.calls == []


async def test_a_server_that_is_down_cannot_be_reached() -> None:
    failed = await refusal(model_at("http://127.0.0.1:9"), "Hello")

    assert (failed.failure, failed.worth_retrying) == (Failure.UNAVAILABLE, True)


@asynccontextmanager
async def answering(head: bytes) -> AsyncIterator[BedrockModel]:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(head)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        yield model_at(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")


async def test_a_redirect_is_not_followed_with_the_roles_signature() -> None:
    moved = b"HTTP/1.1 307 Moved\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n"

    async with answering(moved) as model:
        failed = await refusal(model, "Hello")

    assert (failed.failure, failed.status) == (Failure.REJECTED, 307)


async def test_an_error_without_a_name_in_a_header_is_named_in_its_body() -> None:
    body = b'{"__type": "com.amazon.coral.availability#ThrottlingException", "Message": "canary"}'
    head = b"HTTP/1.1 400 Bad\r\nContent-Length: " + str(len(body)).encode() + b"\r\n\r\n"

    async with answering(head + body) as model:
        failed = await refusal(model, "Hello")

    assert (failed.failure, failed.provider_code) == (Failure.RATE_LIMITED, "ThrottlingException")


async def test_neither_the_role_nor_the_instructions_are_shown(server: Server) -> None:
    model = model_at(server.url, system_prompt="canary")
    await read(model, plan())

    assert "canary" not in repr(model)


async def no_secret(name: str) -> str:
    raise AssertionError(name)


async def test_a_row_says_what_is_sent_and_nobodys_secret_is_read(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "ASIATEST")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    row = {
        "provider": "bedrock",
        "model_id": PROFILE,
        "endpoint_url": server.url.removesuffix("/v1"),
        "output_tokens": 77,
        "system_prompt": "Be brief.",
        "parameters": {"temperature": 0.2, "top_k": 5},
        "guardrail": {"id": "g1", "version": "2"},
    }
    settings = replace(WorkerSettings.from_env(environment.WORKER), models=Models().parse({"claude": row}))

    model = model_of(settings, no_secret)
    pieces = [piece async for piece in model.pieces(Conversation(prompt=plan()), model="claude")]

    assert "".join(piece.text for piece in pieces) == "Hello"
    [call] = server.model.calls
    assert call.body["inferenceConfig"] == {"maxTokens": 77, "temperature": 0.2}
    assert call.body["additionalModelRequestFields"] == {"top_k": 5}
    assert call.body["system"] == [{"text": "Be brief."}]
    assert call.body["guardrailConfig"] == {"guardrailIdentifier": "g1", "guardrailVersion": "2"}
    assert "/eu-west-1/bedrock/aws4_request" in call.authorization


def asked_at(sts: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have STS asked there, on connections that end with it."""

    def connections(origin: str) -> HttpConnections:
        sts.used.append(HttpConnections(origin))
        return sts.used[-1]

    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", sts.origin)
    monkeypatch.setattr(aws, "HttpConnections", connections)


async def test_a_row_with_a_role_is_asked_with_that_roles_credentials(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    ends = datetime.now(UTC) + timedelta(hours=1)
    for name, value in environment.CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    role = "arn:aws:iam::210987654321:role/models"
    row = {
        "provider": "bedrock",
        "region": "eu-west-1",
        "role": role,
        "external_id": "ours",
        "endpoint_url": server.url.removesuffix("/v1"),
    }
    settings = replace(WorkerSettings.from_env(environment.WORKER), models=Models().parse({"claude": row}))

    with aws_answering((200, assumed(ends))) as sts:
        asked_at(sts, monkeypatch)
        model = model_of(settings, no_secret)
        for _ in range(2):
            assert [piece async for piece in model.pieces(Conversation(prompt=plan()), model="claude")]

    [(_, _, headers, form)] = sts.calls
    assert f"RoleArn={quote(role, safe='')}".encode() in form
    assert b"ExternalId=ours" in form
    assert "Credential=testing/" in headers["Authorization"]
    assert "/us-east-1/sts/aws4_request" in headers["Authorization"]
    for call in server.model.calls:
        assert "Credential=ASIAROLE/" in call.authorization
        assert "/eu-west-1/bedrock/aws4_request" in call.authorization
        assert call.headers["x-amz-security-token"] == "canary-session-of-ASIAROLE"


async def test_a_role_that_is_refused_is_told_as_a_closed_failure_and_the_model_is_not_asked(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    row = {
        "provider": "bedrock",
        "role": "arn:aws:iam::210987654321:role/models",
        "endpoint_url": server.url.removesuffix("/v1"),
    }
    settings = replace(WorkerSettings.from_env(environment.WORKER), models=Models().parse({"claude": row}))

    with aws_answering((403, refused("AccessDenied"))) as sts:
        asked_at(sts, monkeypatch)
        pieces = model_of(settings, no_secret).pieces(Conversation(prompt="Hello"), model="claude")
        with pytest.raises(ModelFailed) as failed:
            await anext(pieces)

    assert (failed.value.failure, failed.value.worth_retrying) == (Failure.REJECTED, False)
    assert (failed.value.provider_code, failed.value.error) == ("AccessDenied", "AssumeRole")
    assert server.model.calls == []
