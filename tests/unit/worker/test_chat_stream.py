"""Bytes in, pieces out: in both forms that an answer comes in, and however it is cut."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.shared.generations.failures import Failure
from functions.worker.chat_stream import ChatStream
from functions.worker.model import ModelFailed, Piece
from functions.worker.pieces import pieces_of
from tests.unit.worker.streams import DONE, HELLO, STOP, read, text

WHOLE = json.dumps(
    {"choices": [{"message": {"content": "Hello"}, "finish_reason": "stop"}], "usage": {"prompt_tokens": 1}},
    indent=2,
).encode()


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
