"""A deadline that moves with each token: silence ends a stream then, and no token costs a timer."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from functions.worker.model import Piece
from functions.worker.reading import Reading
from functions.worker.silence import watched

pytestmark = pytest.mark.virtual_time


def now() -> float:
    return asyncio.get_running_loop().time()


async def read(reading: Reading, pieces: list[Piece], *, pause: float) -> None:
    """Read these pieces, and then wait for ever."""
    async with watched(reading) as silence:
        for piece in pieces:
            await asyncio.sleep(pause)
            reading.take(piece, now=now())
            silence.watch()
        await asyncio.Event().wait()


@pytest.mark.parametrize(
    ("pieces", "pause", "over"),
    [
        ([Piece("a")] * 100, 1, 130),
        (
            [Piece("a"), Piece(finish_reason="stop")],
            0,
            5,
        ),  # A deadline that comes earlier than the one before.
        ([], 0, 60),
    ],
)
async def test_silence_ends_the_wait_at_the_deadline_that_the_last_piece_set(
    pieces: list[Piece], pause: float, over: float
) -> None:
    with pytest.raises(TimeoutError):
        await read(Reading(begin_by=60, stall_timeout=30), pieces, pause=pause)

    assert now() == pytest.approx(over, abs=0.1)


async def test_no_token_moves_a_timer(monkeypatch: pytest.MonkeyPatch) -> None:
    reading = Reading(begin_by=60, stall_timeout=30)
    loop = asyncio.get_running_loop()
    timers: list[float] = []
    call_at = loop.call_at

    def noted(when: float, *more: Any, **context: Any) -> asyncio.TimerHandle:
        timers.append(when)
        return call_at(when, *more, **context)

    monkeypatch.setattr(loop, "call_at", noted)

    async with watched(reading) as silence:
        for token in range(1000):
            reading.take(Piece("a"), now=token / 1000)
            silence.watch()

    assert timers == [60, 30]


async def test_what_ends_in_time_is_watched_no_more() -> None:
    async with watched(Reading(begin_by=1, stall_timeout=1)):
        pass

    await asyncio.sleep(10)
