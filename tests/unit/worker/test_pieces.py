"""How pieces are passed on: in turns with other answers, joined, and with few keep-alives."""

from __future__ import annotations

import asyncio

import pytest

from functions.worker.model import ModelFailed, Piece
from functions.worker.pieces import TURN, pieces_of
from tests.unit.worker.streams import DONE, HELLO, STOP, played, read, text


async def test_keep_alives_are_passed_on_a_few_times_a_second_however_many_come() -> None:
    pieces = await read(b": keep-alive\n\n" * 1000, HELLO, tick=0.01)

    assert 20 <= len(pieces) <= 60
    assert pieces[-1] == Piece("Hello")


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

    assert turns >= len(lump) // TURN


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
