from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from benchmarks.load.http_post import UnexpectedAnswer, get
from benchmarks.model.script import FIRST_TOKEN, Script, tokens_in
from benchmarks.model.server import Server

if TYPE_CHECKING:
    from openai import AsyncOpenAI

SCRIPT = Script(key="r1u1", tokens=5, rate=1000, seed=3)


@asynccontextmanager
async def model() -> AsyncIterator[str]:
    async with await asyncio.start_server(Server().serve, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


def client_of(url: str) -> AsyncOpenAI:
    from openai import AsyncOpenAI  # Takes a second, which only the process that asks has to spend.

    return AsyncOpenAI(base_url=f"{url}/v1", api_key="none", max_retries=0)


async def ask(url: str, script: Script) -> tuple[str, list[int]]:
    client = client_of(url)
    stream = await client.chat.completions.create(
        model="any", messages=[{"role": "user", "content": script.prompt}], stream=True
    )
    pieces, came = [], []
    async for chunk in stream:
        if chunk.choices and chunk.choices[0].delta.content:
            pieces.append(chunk.choices[0].delta.content)
            came.append(time.monotonic_ns())
    await client.close()
    return "".join(pieces), came


def test_a_seed_gives_the_same_times_again_and_another_seed_others() -> None:
    again = Script(key="r2u9", tokens=5, rate=1000, seed=3)
    other = Script(key="r1u1", tokens=5, rate=1000, seed=4)

    assert SCRIPT.times() == again.times()
    assert SCRIPT.times() != other.times()


def test_tokens_come_at_the_rate_that_was_asked_for() -> None:
    times = Script(key="r1u1", tokens=2001, rate=50, seed=1).times()

    assert FIRST_TOKEN[0] <= times[0] <= FIRST_TOKEN[1]
    assert times == sorted(times)
    assert (times[-1] - times[0]) / 2000 == pytest.approx(1 / 50, rel=0.03)


def test_a_script_survives_its_way_as_a_prompt() -> None:
    assert Script.from_prompt(SCRIPT.prompt) == SCRIPT


@pytest.mark.parametrize("prompt", ["hello", "[]", '{"key": "a"}', "3"])
def test_a_prompt_that_is_no_script_is_refused(prompt: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Script.from_prompt(prompt)


async def test_the_sdk_reads_an_answer_whose_tokens_say_when_they_were_sent() -> None:
    async with model() as url:
        text, came = await ask(url, SCRIPT)
        [call] = await get(f"{url}/calls")

    sent = list(tokens_in(text))
    assert [each.number for each in sent] == [0, 1, 2, 3, 4]
    assert call["text"] == text
    assert call["is_whole"]
    assert call["first_sent"] == sent[0].sent
    assert (call["first_sent"] - call["asked"]) / 1e9 >= SCRIPT.times()[0]
    assert all(token.sent <= at for token, at in zip(sent, came, strict=True))


async def test_a_repeated_call_sends_tokens_of_its_own() -> None:
    async with model() as url:
        await ask(url, SCRIPT)
        await ask(url, SCRIPT)
        calls = await get(f"{url}/calls")

    assert [call["key"] for call in calls] == ["r1u1-1", "r1u1-2"]


async def test_what_a_client_that_left_did_not_get_is_not_called_whole() -> None:
    async with model() as url:
        client = client_of(url)
        slow = Script(key="r1u1", tokens=1000, rate=100, seed=3)
        stream = await client.chat.completions.create(
            model="any", messages=[{"role": "user", "content": slow.prompt}], stream=True
        )
        await stream.close()
        await client.close()
        [call] = await get(f"{url}/calls")

    assert not call["is_whole"]


async def test_an_answer_that_is_not_json_is_shown() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 500 Oops\r\ncontent-length: 5\r\n\r\n<html")
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        with pytest.raises(UnexpectedAnswer, match=r"500 Oops.*<html"):
            await get(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/calls")


def test_every_variant_gets_the_same_answers() -> None:
    from benchmarks.load.plan import Load

    load = Load(users=3)
    first, second = load.scripts(seed=1, run=1), load.scripts(seed=1, run=2)

    assert [each.seed for each in first] == [each.seed for each in second]
    assert not {each.key for each in first} & {each.key for each in second}
    assert json.loads(first[0].prompt)["tokens"] == 200
