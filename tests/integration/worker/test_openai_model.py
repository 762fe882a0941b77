"""Asking a real HTTP server through the real client: what is sent, and what becomes of its errors."""

from __future__ import annotations

import asyncio
import gzip
import json
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from functions.shared.generations.failures import Failure
from functions.shared.models.table import Models
from functions.worker import response_bodies
from functions.worker.conversation import Conversation
from functions.worker.model import Model, ModelFailed
from functions.worker.openai_client import openai_client
from functions.worker.openai_model import OpenAIModel
from functions.worker.providers import model_of
from functions.worker.settings import ModelOptions, WorkerSettings
from tests.integration.worker.conftest import Server
from tests.support import environment

Serve = Callable[[asyncio.StreamWriter], Awaitable[None]]


def plan(*faults: dict[str, Any], **more: Any) -> str:
    return json.dumps({"key": "k", "deltas": ["Hello"], "faults": list(faults), **more})


def model_at(url: str, **options: Any) -> OpenAIModel:
    return OpenAIModel(
        client=openai_client(base_url=url, key="canary-key", longest=timedelta(seconds=20)),
        options=ModelOptions(**options),
    )


async def ask(model: Model, prompt: str) -> str:
    return "".join([piece.text async for piece in model.pieces(Conversation(prompt=prompt), model="m")])


async def refusal(model: OpenAIModel, prompt: str) -> ModelFailed:
    with pytest.raises(ModelFailed) as failed:
        await ask(model, prompt)
    return failed.value


@asynccontextmanager
async def serving(serve: Serve) -> AsyncIterator[OpenAIModel]:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        try:
            await serve(writer)
        except ConnectionError:
            pass
        finally:
            writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        yield model_at(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1")


@pytest.mark.parametrize(
    ("code", "failure", "worth_retrying"),
    [(429, Failure.RATE_LIMITED, True), (503, Failure.UNAVAILABLE, True), (401, Failure.REJECTED, False)],
)
@pytest.mark.fault(81)
async def test_the_server_is_asked_once_and_its_error_carried_on(
    server: Server, code: int, failure: Failure, *, worth_retrying: bool
) -> None:
    fault = {"kind": "status", "code": code, "retry_after": 45, "error": {"code": "some_code"}}

    failed = await refusal(model_at(server.url), plan(fault, fault))

    assert (failed.failure, failed.worth_retrying, failed.broke_off) == (failure, worth_retrying, False)
    assert (failed.status, failed.retry_after, failed.provider_code) == (code, 45, "some_code")
    assert failed.error == "ErrorStatus"
    assert "canary" not in repr(failed) + str(failed)
    assert len(server.model.calls) == 1


AZURE = {
    "LLM_HEADERS": '{"api-key": {"secret": "azure-key"}, "X-Title": "otters"}',
    "LLM_QUERY": '{"api-version": "2024-10-21"}',
}


async def read_secret(name: str) -> str:
    return f"canary of {name}"


async def test_headers_and_query_are_sent_and_a_key_in_a_header_replaces_the_other(server: Server) -> None:
    settings = WorkerSettings.from_env(environment.WORKER | AZURE | {"LLM_BASE_URL": server.url})
    model = model_of(settings, read_secret)

    assert (
        "".join([piece.text async for piece in model.pieces(Conversation(prompt=plan()), model="m")])
        == "Hello"
    )
    [call] = server.model.calls
    assert call.query == "api-version=2024-10-21"
    assert (call.headers["api-key"], call.headers["x-title"]) == ("canary of azure-key", "otters")
    assert "authorization" not in call.headers
    assert "canary" not in repr(model) + repr(settings)


@pytest.mark.parametrize("name", ["Authorization", "authorization"])
async def test_a_deployment_may_write_the_authorization_itself(server: Server, name: str) -> None:
    headers = json.dumps({name: {"secret": "whole"}})
    settings = WorkerSettings.from_env(
        environment.WORKER | {"LLM_BASE_URL": server.url, "LLM_HEADERS": headers}
    )

    async for _ in model_of(settings, read_secret).pieces(Conversation(prompt=plan()), model="m"):
        pass

    assert server.model.calls[0].authorization == "canary of whole"


async def test_without_headers_of_its_own_a_deployment_sends_its_key(server: Server) -> None:
    settings = WorkerSettings.from_env(
        environment.WORKER | {"LLM_BASE_URL": server.url, "LLM_KEY_SECRET_ARN": "llm-key"}
    )

    async for _ in model_of(settings, read_secret).pieces(Conversation(prompt=plan()), model="m"):
        pass

    assert server.model.calls[0].authorization == "Bearer canary of llm-key"


@pytest.mark.parametrize(
    ("row", "authorization"),
    [
        ({}, "Bearer canary of llm-key"),
        ({"base_url": "SERVER"}, None),
        ({"base_url": "SERVER", "key_secret": "own-key"}, "Bearer canary of own-key"),
        ({"key_secret": "own-key"}, "Bearer canary of own-key"),
        ({"base_url": "SERVER", "headers": {"Authorization": {"secret": "whole"}}}, "canary of whole"),
    ],
    ids=["of the deployment", "elsewhere", "elsewhere with a key", "a key of its own", "a header"],
)
async def test_the_key_of_one_server_is_not_shown_to_another(
    server: Server, row: dict[str, Any], authorization: str | None
) -> None:
    given = {"m": {name: server.url if value == "SERVER" else value for name, value in row.items()}}
    settings = WorkerSettings.from_env(
        environment.WORKER | {"LLM_BASE_URL": server.url, "LLM_KEY_SECRET_ARN": "llm-key"}
    )
    settings = replace(settings, models=Models().parse(given))

    async for _ in model_of(settings, read_secret).pieces(Conversation(prompt=plan()), model="m"):
        pass

    assert server.model.calls[0].headers.get("authorization") == authorization


async def test_a_row_says_what_its_server_is_sent(server: Server) -> None:
    row = {
        "model_id": "gpt-5",
        "parameters": {"temperature": 0.2, "metadata": {"team": "chat"}},
        "output_tokens": 77,
        "system_prompt": "Be brief.",
    }
    settings = WorkerSettings.from_env(environment.WORKER | {"LLM_BASE_URL": server.url})
    settings = replace(settings, models=Models().parse({"m": row}))

    async for _ in model_of(settings, read_secret).pieces(Conversation(prompt=plan()), model="m"):
        pass

    body = server.model.calls[0].body
    assert (body["model"], body["max_tokens"], body["stream"]) == ("gpt-5", 77, True)
    assert (body["temperature"], body["metadata"]) == (0.2, {"team": "chat"})
    assert body["messages"][0] == {"role": "system", "content": "Be brief."}


async def test_a_server_that_is_not_there_may_be_there_in_a_moment() -> None:
    failed = await refusal(model_at("http://127.0.0.1:9/v1"), plan())

    assert (failed.failure, failed.worth_retrying, failed.error) == (
        Failure.UNAVAILABLE,
        True,
        "ClientConnectorError",
    )


async def test_a_key_that_no_header_can_hold_is_no_exception(server: Server) -> None:
    model = OpenAIModel(
        client=openai_client(base_url=server.url, key="canary-…", longest=timedelta(seconds=20)),
        options=ModelOptions(),
    )

    failed = await refusal(model, plan())

    assert (failed.failure, failed.worth_retrying) == (Failure.REJECTED, False)


async def test_an_error_without_end_is_read_in_part() -> None:
    sent = 0

    async def endless(writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\n\r\nprompt is too long ")
        while True:
            writer.write(b"x" * 65536)
            sent += 65536
            await writer.drain()

    async with serving(endless) as model:
        failed = await refusal(model, plan())

    assert failed.failure is Failure.CONTEXT_TOO_LONG
    assert sent < 50_000_000


async def test_an_error_that_comes_too_slowly_is_read_in_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(response_bodies, "LONGEST", 0.2)

    async def slow(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 1000\r\n\r\nprompt is too long ")
        await writer.drain()
        await asyncio.sleep(5)

    async with serving(slow) as model:
        failed = await refusal(model, plan())

    assert failed.failure is Failure.CONTEXT_TOO_LONG


@pytest.mark.parametrize(
    ("encoding", "body", "failure"),
    [
        ("gzip", gzip.compress(b"prompt is too long", mtime=0), Failure.CONTEXT_TOO_LONG),
        ("deflate", zlib.compress(b"prompt is too long"), Failure.CONTEXT_TOO_LONG),
        ("gzip", gzip.compress(b"prompt is too long " + bytes(50_000_000)), Failure.CONTEXT_TOO_LONG),
        ("gzip", b"prompt is too long", Failure.REJECTED),
        ("gzip", gzip.compress(b"prompt is too long", mtime=0)[:12], Failure.REJECTED),
        ("br, gzip", b"\x0b\x02\x80", Failure.REJECTED),
    ],
)
async def test_an_error_that_is_compressed_has_its_status_even_if_it_cannot_be_unpacked(
    encoding: str, body: bytes, failure: Failure
) -> None:
    async def compressed(writer: asyncio.StreamWriter) -> None:
        head = f"HTTP/1.1 400 X\r\nContent-Encoding: {encoding}\r\nContent-Length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body)
        await writer.drain()

    async with serving(compressed) as model:
        failed = await refusal(model, plan())

    assert (failed.failure, failed.status, failed.worth_retrying) == (failure, 400, False)


UNSUPPORTED = {
    "error": {
        "message": "Unsupported parameter: 'max_tokens' is not supported with this model. "
        "Use 'max_completion_tokens' instead.",
        "type": "invalid_request_error",
        "param": "max_tokens",
        "code": "unsupported_parameter",
    }
}
EXTRA = {
    "detail": [
        {
            "type": "extra_forbidden",
            "loc": ["body", "stream_options"],
            "msg": "Extra inputs are not permitted",
        }
    ]
}
NO_ROLE = {"object": "error", "message": "System role not supported", "type": "BadRequestError", "code": 400}


async def test_a_part_that_is_refused_is_left_out_and_left_out_from_then_on(server: Server) -> None:
    model = model_at(server.url, llm_system_prompt="Be brief.", llm_max_output_tokens=100)
    picky = plan(
        refuses={
            "max_tokens": {"body": UNSUPPORTED},
            "stream_options": {"status": 422, "body": EXTRA},
            "system": {"body": NO_ROLE},
        }
    )

    assert await ask(model, picky) == "Hello"
    assert len(server.model.calls) == 4
    assert server.model.calls[-1].sent == ["max_completion_tokens", "messages", "model", "stream", "user"]

    assert await ask(model, picky) == "Hello"
    assert len(server.model.calls) == 5


async def test_a_server_that_refuses_the_limit_under_both_names_answers_without_it(server: Server) -> None:
    model = model_at(server.url, llm_max_output_tokens=100)
    renamed = json.loads(
        json.dumps(UNSUPPORTED).replace("max_", "max_completion_").replace("completion_comp", "comp")
    )
    renamed["error"].update(message="Unknown field max_completion_tokens", param=None)

    answer = await ask(
        model,
        plan(refuses={"max_tokens": {"body": UNSUPPORTED}, "max_completion_tokens": {"body": renamed}}),
    )

    assert answer == "Hello"
    assert [call.sent[0] for call in server.model.calls] == [
        "max_tokens",
        "max_completion_tokens",
        "messages",
    ]


@pytest.mark.parametrize(
    "body",
    [
        {"error": {"message": "Invalid value: 'model'", "param": "model"}},
        {
            "error": {
                "message": "max_tokens is too large: 100. This model supports at most 16 completion tokens."
            }
        },
        {"error": {"message": "input length and `max_tokens` exceed context limit: 179413 + 32768 > 200000"}},
    ],
)
async def test_a_refusal_about_something_else_is_final(server: Server, body: dict[str, Any]) -> None:
    await refusal(model_at(server.url, llm_max_output_tokens=100), plan(refuses={"model": {"body": body}}))

    assert len(server.model.calls) == 1


async def test_a_server_that_refuses_whatever_comes_is_given_up(server: Server) -> None:
    model = model_at(server.url, llm_system_prompt="Be brief.", llm_max_output_tokens=100)
    everything = {
        "error": {
            "message": "unsupported: max_tokens max_completion_tokens stream_options system role developer"
        }
    }

    await refusal(model, plan(refuses={"model": {"body": everything}}))

    assert len(server.model.calls) <= 6


async def test_a_part_that_is_refused_inside_a_stream_is_left_out_as_well(server: Server) -> None:
    model = model_at(server.url, llm_max_output_tokens=100)

    answer = await ask(model, plan(refuses={"max_tokens": {"status": 200, "body": UNSUPPORTED}}))

    assert answer == "Hello"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_no_redirect_takes_the_prompt_or_a_key_elsewhere(server: Server, status: int) -> None:
    async def redirect(writer: asyncio.StreamWriter) -> None:
        elsewhere = f"{server.url}/chat/completions"
        writer.write(f"HTTP/1.1 {status} X\r\nLocation: {elsewhere}\r\nContent-Length: 0\r\n\r\n".encode())
        await writer.drain()

    async with serving(redirect) as model:
        failed = await refusal(model, plan())

    assert (failed.failure, failed.status, failed.worth_retrying) == (Failure.REJECTED, status, False)
    assert server.model.calls == []


async def test_text_that_comes_within_a_tick_is_read_at_once_and_none_is_lost() -> None:
    is_read = asyncio.Event()

    async def serve(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n")
        for number in range(100):
            writer.write(b'data: {"choices":[{"delta":{"content":"%d "}}]}\n\n' % number)
            await writer.drain()
            if number == 0:
                await is_read.wait()  # The first does not wait for others.
            await asyncio.sleep(0.001)
        writer.write(b"data: [DONE]\n\n")

    async with serving(serve) as model:
        texts = []
        async for piece in replace(model, tick=0.5).pieces(Conversation(prompt="Hi"), model="m"):
            is_read.set()
            texts.append(piece.text)

    assert "".join(texts) == "".join(f"{number} " for number in range(100))
    assert len([text for text in texts if text]) < 10


async def test_leaving_a_stream_that_rests_ends_the_request_at_once() -> None:
    has_ended = asyncio.Event()

    async def serve(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n")
        try:
            while True:
                writer.write(b'data: {"choices":[{"delta":{"content":"a"}}]}\n\n')
                await writer.drain()
                await asyncio.sleep(0.01)
        finally:
            has_ended.set()

    async with serving(serve) as model:
        pieces = replace(model, tick=1000).pieces(Conversation(prompt="Hi"), model="m")
        assert (await anext(pieces)).text
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await anext(pieces)
        await pieces.aclose()
        async with asyncio.timeout(5):
            await has_ended.wait()


async def test_a_server_that_is_killed_while_its_stream_rests_has_broken_off() -> None:
    async def serve(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        event = b'data: {"choices":[{"delta":{"content":"a"}}]}\n\n'
        writer.write(b"%x\r\n%s\r\n" % (len(event), event))
        await writer.drain()
        writer.transport.abort()

    async with serving(serve) as model:
        failed = await refusal(replace(model, tick=0.1), "Hi")

    assert (failed.failure, failed.broke_off, failed.worth_retrying) == (Failure.INCOMPLETE, True, True)
