"""The stand-in model's server, over HTTP."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from local.stand_in.answers import LENGTH, answer_to
from local.stand_in.server import serve

if TYPE_CHECKING:
    import openai
    from openai.types.chat import ChatCompletionMessageParam

FAST = 100_000.0
PROMPT: list[ChatCompletionMessageParam] = [{"role": "user", "content": "Tell me about otters"}]


@asynccontextmanager
async def standin(*, tokens_per_second: float = FAST) -> AsyncIterator[int]:
    server = await serve(port=0, tokens_per_second=tokens_per_second)
    async with server:
        yield int(server.sockets[0].getsockname()[1])


@asynccontextmanager
async def client(port: int) -> AsyncIterator[openai.AsyncOpenAI]:
    import openai  # Takes a second, which only the process that asks has to spend.

    async with openai.AsyncOpenAI(
        base_url=f"http://127.0.0.1:{port}/v1", api_key="none", max_retries=0
    ) as made:
        yield made


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not holds():
            await asyncio.sleep(0.01)


async def test_the_openai_sdk_reads_its_stream() -> None:
    async with standin() as port, client(port) as model:
        stream = await model.chat.completions.create(
            model="stand-in", messages=PROMPT, stream=True, stream_options={"include_usage": True}
        )
        chunks = [chunk async for chunk in stream]

    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices) == answer_to(
        "Tell me about otters"
    )
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.completion_tokens == LENGTH


async def test_the_openai_sdk_reads_its_answer_in_one_piece() -> None:
    async with standin() as port, client(port) as model:
        completion = await model.chat.completions.create(model="stand-in", messages=PROMPT)

    assert completion.choices[0].message.content == answer_to("Tell me about otters")


async def test_it_remembers_what_was_asked_before_and_says_so_when_asked() -> None:
    said: list[ChatCompletionMessageParam] = [*PROMPT, {"role": "assistant", "content": "They float."}]
    conversations: list[list[ChatCompletionMessageParam]] = [
        [*said, {"role": "user", "content": "What did I ask before?"}],
        [{"role": "user", "content": "What did I ask before?"}],
        [*said, {"role": "user", "content": "And seals?"}],
    ]
    async with standin() as port, client(port) as model:
        answers = [
            await model.chat.completions.create(model="x", messages=messages) for messages in conversations
        ]

    quotes = [
        "You asked before: “Tell me about otters”" in str(each.choices[0].message.content) for each in answers
    ]
    assert quotes == [True, False, False]
    assert str(answers[2].choices[0].message.content) == answer_to("And seals?")


async def test_it_lists_one_model() -> None:
    async with standin() as port, client(port) as model:
        assert [found.id async for found in model.models.list()] == ["stand-in"]


async def test_words_come_at_its_pace() -> None:
    clock = asyncio.get_running_loop().time
    async with standin(tokens_per_second=200) as port, client(port) as model:
        begun = clock()
        stream = await model.chat.completions.create(
            model="x", messages=PROMPT, stream=True, max_completion_tokens=40
        )
        times = [clock() - begun async for _ in stream]

    assert times[0] < times[-1]
    assert times[-1] >= 0.2


async def test_it_stops_talking_when_its_client_leaves() -> None:
    before = len(asyncio.all_tasks())
    async with standin(tokens_per_second=1) as port:
        body = json.dumps({"messages": PROMPT, "stream": True}).encode()
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\n")
        writer.write(b"content-length: %d\r\n\r\n%b" % (len(body), body))
        await reader.readuntil(b"data: ")
        assert len(asyncio.all_tasks()) > before

        writer.close()

        await until(lambda: len(asyncio.all_tasks()) == before)


@pytest.mark.parametrize(
    ("method", "path", "content", "status"),
    [
        ("GET", "/", "", 404),
        ("GET", "/v1/chat/completions", "", 404),
        ("POST", "/v1/chat/completions", "{", 400),
    ],
)
async def test_what_it_does_not_understand_is_refused_in_openais_words(
    method: str, path: str, content: str, status: int
) -> None:
    async with standin() as port, httpx.AsyncClient(trust_env=False) as http:
        response = await http.request(method, f"http://127.0.0.1:{port}{path}", content=content)

    error: dict[str, Any] = response.json()["error"]
    assert response.status_code == status
    assert error["type"] == "invalid_request_error"


async def test_noise_does_not_disturb_it() -> None:
    async with standin() as port, httpx.AsyncClient(trust_env=False) as http:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"\x16\x03\x01 this is not HTTP\r\n\r\n")
        assert await reader.read() == b""
        writer.close()

        assert (await http.get(f"http://127.0.0.1:{port}/v1/models")).status_code == 200
