"""Streams of a chat completion, byte for byte, and what is read of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions.worker.model import Piece
from functions.worker.pieces import pieces_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

HELLO = b'data: {"choices":[{"delta":{"content":"Hello"}}]}\n\n'
STOP = b'data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\n'
DONE = b"data: [DONE]\n\n"


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
