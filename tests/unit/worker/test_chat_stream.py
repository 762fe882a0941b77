"""Bytes in, pieces out: in both forms that an answer comes in, and however it is cut."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.shared.generations.failures import Failure
from functions.worker import chat_stream
from functions.worker.chat_stream import TURN, ChatStream, pieces_of
from functions.worker.model import ModelFailed, Piece

HELLO = b'data: {"choices":[{"delta":{"content":"Hello"}}]}\n\n'
STOP = b'data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\n'
DONE = b"data: [DONE]\n\n"
WHOLE = json.dumps(
    {"choices": [{"message": {"content": "Hello"}, "finish_reason": "stop"}], "usage": {"prompt_tokens": 1}},
    indent=2,
).encode()


async def played(*chunks: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


def ticking(seconds: float) -> Callable[[], float]:
    now = 0.0

    def clock() -> float:
        nonlocal now
        now += seconds
        return now

    return clock


async def read(*chunks: bytes, tick: float = 10) -> list[Piece]:
    return [piece async for piece in pieces_of(played(*chunks), clock=ticking(tick))]


def text(pieces: list[Piece]) -> str:
    return "".join(piece.text for piece in pieces)


async def failed(*chunks: bytes) -> ModelFailed:
    with pytest.raises(ModelFailed) as failure:
        await read(*chunks)
    return failure.value


async def test_a_stream_ends_with_the_servers_word_and_nothing_after_it_is_read() -> None:
    pieces = await read(HELLO + STOP + DONE + HELLO, HELLO)

    assert pieces == [Piece("Hello"), Piece(finish_reason="stop"), Piece(is_done=True)]


async def test_a_stream_that_just_ends_is_not_done() -> None:
    pieces = await read(HELLO.rstrip())

    assert text(pieces) == "Hello"
    assert not any(piece.is_done for piece in pieces)


@pytest.mark.parametrize("before", [b"", b"\n \r\n", b"\xef\xbb\xbf", b"\n\xef\xbb\xbf \n"])
@pytest.mark.parametrize("size", [1, 10_000])
async def test_a_whole_answer_as_json_is_the_answer(before: bytes, size: int) -> None:
    body = before + WHOLE

    pieces = await read(*(body[start : start + size] for start in range(0, len(body), size)))

    assert text(pieces) == "Hello"
    assert [piece.finish_reason for piece in pieces if piece.finish_reason] == ["stop"]
    assert any(piece.is_done for piece in pieces)


async def test_lines_of_json_without_events_are_the_answer() -> None:
    lines = b"".join(
        json.dumps({"choices": [{"delta": {"content": word}}]}).encode() + b"\n" for word in ("Hel", "lo")
    )

    assert text(await read(lines)) == "Hello"


@pytest.mark.parametrize(
    ("body", "failure"),
    [
        (b'{"error": {"code": 429}}', Failure.RATE_LIMITED),
        (b'[{"error": {"code": 400, "message": "prompt is too long"}}]', Failure.CONTEXT_TOO_LONG),
        (b'{"detail": "prompt is too long"}', Failure.CONTEXT_TOO_LONG),
    ],
)
async def test_an_error_as_json_is_that_error(body: bytes, failure: Failure) -> None:
    failing = await failed(body)

    assert (failing.failure, failing.broke_off) == (failure, False)


@pytest.mark.parametrize(
    "body",
    [
        *(
            b"<html><body>busy</body></html>",
            b"OK",
            b"{}",
            b"[]",
            b'{"status": "ok"}',
        ),
        *(
            b'data: {"type":"ping"}\n\ndata: {"type":"content_block_delta","delta":{"text":"Hello"}}\n\n',
            b'data: {"type":"response.output_text.delta","delta":"Hello"}\n\n',
            b'data: {"candidates":[{"content":{"parts":[{"text":"Hello"}]}}]}\n\n',
            b'{"response":"Hel","done":false}\n{"response":"lo","done":true}\n',
        ),
        *(WHOLE.decode().encode("utf-16"), b"\x1f\x8b\x08\x00", b"\x00" * 100),
    ],
)
async def test_what_is_no_answer_is_a_failure_that_another_request_does_not_mend(body: bytes) -> None:
    failing = await failed(body)

    assert (failing.failure, failing.worth_retrying, failing.broke_off) == (Failure.INCOMPLETE, False, False)


@pytest.mark.parametrize("body", [b"", b" \n", b"\xef\xbb"])
async def test_where_nothing_came_another_request_may_help(body: bytes) -> None:
    failing = await failed(body)

    assert (failing.failure, failing.worth_retrying, failing.broke_off) == (Failure.INCOMPLETE, True, False)


async def test_a_stream_that_ended_after_keep_alives_may_bring_more_the_next_time() -> None:
    assert not any(piece.is_done for piece in await read(b'data: {"type":"ping"}\n\n'))


async def test_half_a_whole_answer_is_a_stream_that_broke() -> None:
    assert (await failed(WHOLE[:-20])).broke_off


async def test_an_error_that_is_no_event_is_an_error_all_the_same() -> None:
    failing = await failed(HELLO, b'{"error": {"code": 502, "message": "upstream"}}\n')

    assert (failing.failure, failing.broke_off) == (Failure.UNAVAILABLE, True)


async def test_an_error_with_a_word_of_the_end_behind_it_is_that_error() -> None:
    failure = await failed(b'{"error":{"code":429,"message":"slow down"}}\n\n', DONE)

    assert failure.failure is Failure.RATE_LIMITED


async def test_a_stream_behind_a_greeting_that_is_no_event_is_the_answer() -> None:
    assert text(await read(b'{"status":"starting"}\n\n', HELLO + STOP + DONE)) == "Hello"


async def test_comments_and_chunks_without_text_are_keep_alives() -> None:
    pieces = await read(b": keep-alive\n\n", b"data:\n\n", b"data: null\n\n", HELLO)

    assert pieces == [Piece(), Piece(), Piece(), Piece("Hello")]


async def test_a_line_that_comes_slowly_is_a_keep_alive() -> None:
    pieces = await read(*(HELLO[at : at + 10] for at in range(0, len(HELLO), 10)))

    assert pieces.count(Piece()) == len(HELLO) // 10
    assert text(pieces) == "Hello"


async def test_an_error_as_a_field_of_its_own_is_an_error() -> None:
    failure = await failed(
        b'error: {"code":400,"message":"the request exceeds the available context size"}\n\n'
    )

    assert failure.failure is Failure.CONTEXT_TOO_LONG


async def test_keep_alives_are_passed_on_a_few_times_a_second_however_many_come() -> None:
    pieces = await read(b": keep-alive\n\n" * 1000, HELLO, tick=0.01)

    assert 20 <= len(pieces) <= 60
    assert pieces[-1] == Piece("Hello")


@given(st.data())
def test_cuts_make_no_difference(data: st.DataObject) -> None:
    body = data.draw(st.sampled_from([b"\xef\xbb\xbf" + HELLO + STOP + DONE, WHOLE]))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(body)), max_size=8)))
    stream = ChatStream()
    chunks = [body[a:b] for a, b in zip([0, *cuts], [*cuts, len(body)], strict=True)]

    pieces = [piece for chunk in chunks for piece in stream.feed(chunk)]
    if not any(piece.is_done for piece in pieces):
        pieces += stream.end()

    assert text(pieces) == "Hello"
    assert any(piece.is_done for piece in pieces)


@pytest.mark.parametrize("begins", [b"data: ", b"{", b"<", b": "])
async def test_what_is_too_large_is_a_failure_and_no_more_of_it_is_read(
    begins: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_so_far = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read_so_far
        yield begins
        while True:
            read_so_far += 1024 * 1024
            yield b"x" * 1024 * 1024

    with pytest.raises(ModelFailed) as failure:
        async for _ in pieces_of(endless()):
            pass

    assert (failure.value.failure, failure.value.worth_retrying) == (Failure.INCOMPLETE, False)
    assert not failure.value.broke_off
    assert read_so_far <= 9 * 1024 * 1024


async def test_a_large_line_in_small_pieces_leaves_the_others_their_turn() -> None:
    line = b'data: {"image": "' + b"A" * 2_000_000 + b'"}\n\n'
    turns = 0

    async def neighbour() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    other = asyncio.create_task(neighbour())
    pieces = await read(*(line[start : start + 1024] for start in range(0, len(line), 1024)), HELLO)
    other.cancel()

    assert text(pieces) == "Hello"
    assert turns >= len(line) // TURN


async def test_many_events_in_one_lump_leave_the_others_their_turn() -> None:
    turns = 0

    async def neighbour() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    lump = HELLO * 20_000
    other = asyncio.create_task(neighbour())
    await read(lump)
    other.cancel()

    assert turns >= len(lump) // chat_stream.TURN


async def test_what_comes_at_once_is_one_piece() -> None:
    [piece, stop, done] = await read(HELLO * 3 + STOP + DONE)

    assert (piece, piece.events) == (Piece("HelloHelloHello"), 3)
    assert (stop, done) == (Piece(finish_reason="stop"), Piece(is_done=True))


async def test_text_before_a_failure_is_given_first() -> None:
    pieces = pieces_of(played(HELLO + HELLO + b'data: {"error": {"code": 500}}\n\n'))

    assert await anext(pieces) == Piece("HelloHello")
    with pytest.raises(ModelFailed):
        await anext(pieces)


async def test_what_is_shown_gathers_and_the_caller_has_it_by_then() -> None:
    reasoning = b'data: {"choices":[{"delta":{"reasoning":"Hm"}}]}\n\n'
    told: list[str] = []

    async def gather() -> None:
        told.append("gathers")

    pieces = pieces_of(played(b": hi\n\n", reasoning, HELLO, HELLO, STOP, DONE), gather=gather)
    while told.count("-") < 3:
        piece = await anext(pieces)
        told.append(piece.reasoning or piece.text or "-")

    assert told == ["-", "Hm", "gathers", "Hello", "gathers", "Hello", "gathers", "-", "-"]
