"""Tokens: asked for once at a time, waited for with a limit, and refused with a sentence."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from framestream import FrameStreamError, NoToken, Phase, Refused
from framestream.tokens import Tokens
from tests.support.client_recorder import ClientRecorder, until
from tests.support.fake_server import FakeServer, fake_server


@pytest.fixture
async def server() -> AsyncIterator[FakeServer]:
    async with fake_server() as server:
        yield server


def failing_once(error: BaseException) -> Callable[[], str]:
    errors = [error]

    def source() -> str:
        if errors:
            raise errors.pop()
        return "good"

    return source


async def never() -> str:
    await asyncio.Event().wait()
    return "never"


def blocking() -> str:
    time.sleep(2)
    return "late"


async def test_a_source_that_fails_once_is_called_again(server: FakeServer) -> None:
    recorder = ClientRecorder(server, failing_once(OSError("the key is not in the lock")))
    async with recorder.client as client:
        await until(lambda: client.phase is Phase.OPEN)
        await client.generate("otters", "Otters?")

    assert recorder.codes == [1006, 1000]


async def test_a_source_that_goes_on_failing_is_an_error_with_its_cause(server: FakeServer) -> None:
    def source() -> str:
        raise OSError("the key is not in the lock")

    async with ClientRecorder(server, source).client as client:
        with pytest.raises(NoToken, match="the key is not in the lock") as error:
            await client.generate("otters", "Otters?")

    assert isinstance(error.value.__cause__, OSError)


@pytest.mark.parametrize("source", [never, blocking, lambda: asyncio.sleep(9)])
async def test_a_source_that_hangs_has_a_limit(source: Any) -> None:
    tokens = Tokens(source, timeout=0.05)

    began = time.monotonic()
    with pytest.raises(NoToken, match=r"did not answer within 0\.05 seconds"):
        await tokens.current()

    assert time.monotonic() - began < 1.5


async def test_a_source_that_hangs_does_not_keep_the_client_from_anything(server: FakeServer) -> None:
    waits = [never()]

    async def source() -> str:
        return await waits.pop() if waits else "good"

    async with ClientRecorder(server, source, token_timeout=0.1).client as client:
        await until(lambda: client.phase is Phase.OPEN)


@pytest.mark.parametrize("slow", [0, 0.05])
async def test_concurrent_refreshes_call_the_source_once(slow: float) -> None:
    asked = 0

    async def source() -> str:
        nonlocal asked
        asked += 1
        await asyncio.sleep(slow)
        return f"t{asked}"

    tokens = Tokens(source)
    first = await asyncio.gather(*[tokens.current() for _ in range(9)])
    second = await asyncio.gather(*[tokens.fresh("t1") for _ in range(9)])

    assert (first, second, asked) == (["t1"] * 9, ["t2"] * 9, 2)


async def test_a_failure_is_shared_too_and_not_kept() -> None:
    tokens = Tokens(failing_once(ValueError("once")))

    failed = await asyncio.gather(*[tokens.current() for _ in range(9)], return_exceptions=True)

    assert all(isinstance(error, NoToken) for error in failed)
    assert await tokens.current() == "good"


async def test_one_that_is_cancelled_does_not_take_the_token_from_the_others() -> None:
    async def source() -> str:
        await asyncio.sleep(0.05)
        return "good"

    tokens = Tokens(source)
    one, other = (asyncio.create_task(tokens.current()) for _ in range(2))
    await asyncio.sleep(0.01)
    one.cancel()

    assert await other == "good"


@pytest.mark.parametrize("error", [StopIteration(), asyncio.CancelledError(), KeyError("x"), RuntimeError()])
async def test_whatever_a_source_raises_is_an_error_of_ours(error: BaseException) -> None:
    async def source() -> str:
        raise error

    with pytest.raises(NoToken):
        await Tokens(source).current()


async def test_a_plain_source_that_is_exhausted_is_an_error_of_ours() -> None:
    tokens = iter(["one"])

    with pytest.raises(NoToken):
        await Tokens(lambda: next(tokens)).fresh(await Tokens(lambda: next(tokens)).current())


@pytest.mark.parametrize(
    "nonsense", [None, 7, b"bytes", "", "  ", {"token": "t"}, "two words", "naïve", "a\nb"]
)
async def test_nonsense_is_named(nonsense: Any) -> None:
    with pytest.raises(FrameStreamError, match="get_token gave"):
        await Tokens(lambda: nonsense).current()


async def test_the_word_bearer_is_named() -> None:
    with pytest.raises(Refused, match="without the word Bearer"):
        await Tokens("Bearer abc").current()


async def test_a_line_end_around_a_token_does_no_harm() -> None:
    assert await Tokens("abc\n").current() == "abc"
