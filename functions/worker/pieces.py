"""Yields the pieces of an answer, whatever reads its stream: in turns, joined, with few keep-alives."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from functions.worker.chat_stream import KEEP_ALIVE, ChatStream
from functions.worker.model import ModelFailed, Piece

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable, Iterator

    from functions.worker.model import AnswerStream

SIGNS_EVERY = 0.25  # seconds, well below the shortest time-out
TURN = 64 * 1024
"""Bytes after which other answers have their turn."""


async def _at_once() -> None:
    """Go on reading."""


async def pieces_of(
    chunks: AsyncIterator[bytes],
    *,
    stream: AnswerStream | None = None,
    gather: Callable[[], Awaitable[None]] = _at_once,
    clock: Callable[[], float] = time.monotonic,
) -> AsyncGenerator[Piece]:
    """Yield the pieces of an answer, up to the server's own word that it is done.

    Keep-alives are passed on a few times a second at most. After every so many bytes others have a turn.

    Args:
        chunks: What the server sends.
        stream: Reads it; None: as a chat completion.
        gather: Waited for after text or reasoning, which the caller has by then, before more is read.
        clock: Gives seconds.

    Raises:
        ModelFailed: If the server reports an error, or sends what is no answer.
    """
    reader, signs, taken = stream or ChatStream(), SignsOfLife(clock), 0
    async for chunk in chunks:
        is_writing = False
        for start in range(0, len(chunk), TURN):
            part = chunk[start : start + TURN]
            for piece in joined(filter(signs.pass_on, reader.feed(part))):
                yield piece
                if piece.is_done:
                    return
                is_writing = is_writing or bool(piece.text or piece.reasoning)
            taken += len(part)
            if taken >= TURN:
                taken = 0
                await asyncio.sleep(0)
        if is_writing:
            await gather()
    for piece in filter(signs.pass_on, reader.end()):
        yield piece


def joined(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Make one piece of those in a row that are text, or reasoning, and nothing else: each passes all above.

    Raises:
        ModelFailed: If `pieces` does; what came before is given first.
    """
    run: list[Piece] = []
    try:
        for piece in pieces:
            is_text = bool(piece.text)
            is_alone = piece.finish_reason is None and piece.usage is None and not piece.extras
            if is_alone and is_text != bool(piece.reasoning):
                if run and is_text != bool(run[0].text):
                    yield _one_piece(run)
                run.append(piece)
                continue
            if run:
                yield _one_piece(run)
            yield piece
    except ModelFailed:
        if run:
            yield _one_piece(run)
        raise
    if run:
        yield _one_piece(run)


def _one_piece(run: list[Piece]) -> Piece:
    """Empty a run, and return what it was."""
    pieces = run.copy()
    run.clear()
    if len(pieces) == 1:
        return pieces[0]
    text, reasoning = "".join(piece.text for piece in pieces), "".join(piece.reasoning for piece in pieces)
    return Piece(text, reasoning=reasoning, events=len(pieces))


@dataclass(slots=True)
class SignsOfLife:
    """Lets a piece pass that says something, and of the others a few a second."""

    clock: Callable[[], float]
    _next: float = float("-inf")

    def pass_on(self, piece: Piece) -> bool:
        """Whether this piece is to be passed on."""
        if piece.text or piece != KEEP_ALIVE:
            return True
        if self.clock() < self._next:
            return False
        self._next = self.clock() + SIGNS_EVERY
        return True
