"""Turns the bytes of a chat completion into pieces: a stream of events, or one JSON document."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from functions.shared.generations.failures import Failure
from functions.worker.chat_chunks import ChunkReader
from functions.worker.model import ModelFailed, Piece
from functions.worker.sse import BYTE_ORDER_MARK, LARGEST, Event, EventDecoder, EventTooLarge

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable, Iterator

    from functions.worker.model import AnswerStream

KEEP_ALIVE = Piece()
SIGNS_EVERY = 0.25  # seconds, well below the shortest time-out
TURN = 64 * 1024
"""Bytes after which other answers have their turn."""


@dataclass(slots=True)
class ChatStream:
    """Reads one answer, in whichever of the two forms it comes. `feed` and `end` raise ModelFailed."""

    largest: int = LARGEST
    _reader: ChunkReader = field(default_factory=ChunkReader)
    _decoder: EventDecoder | None = None
    _head: bytes = field(default=b"", repr=False)
    """What came before it was clear which form this is: white space, or a part of a byte order mark."""
    _body: list[bytes] | None = field(default=None, repr=False)
    _size: int = 0
    _has_events: bool = False

    def feed(self, chunk: bytes) -> Iterator[Piece]:
        """Yield what these bytes bring."""
        if self._decoder is None and self._body is None:
            chunk = self._begin(chunk)
        is_quiet = True
        if self._decoder is not None:
            for piece in self._pieces(self._decoder.feed(chunk)):
                is_quiet = False
                yield piece
        if is_quiet:
            yield KEEP_ALIVE
        if self._body is not None:
            self._hold(chunk)

    def end(self) -> Iterator[Piece]:
        """Yield what is left."""
        if self._body is not None:
            yield from self._whole(b"".join(self._body))
            return
        if self._decoder is not None:
            yield from self._pieces(self._decoder.end())
        if self._reader.is_another_api and not self._reader.has_choices:
            raise ModelFailed(Failure.INCOMPLETE, broke_off=False, error="NotAnAnswer")
        if not self._has_events:
            # A page for people would come again; where nothing came, something may come the next time.
            raise ModelFailed(
                Failure.INCOMPLETE,
                broke_off=False,
                worth_retrying=self._decoder is None,
                error="NotAnEventStream",
            )

    def _begin(self, chunk: bytes) -> bytes:
        """Find out which form this is. Returns what is to be read in that form."""
        head = (self._head + chunk).lstrip()
        text = head.removeprefix(BYTE_ORDER_MARK).lstrip()
        if not text or BYTE_ORDER_MARK.startswith(head):
            self._head = head
            return b""
        self._head = b""
        if text[:1] in {b"{", b"["}:
            self._body = []
        else:
            self._decoder = EventDecoder(self.largest)
        return head

    def _hold(self, chunk: bytes) -> None:
        self._size += len(chunk)
        if self._size > self.largest or self._body is None:
            raise too_large()
        self._body.append(chunk)

    def _whole(self, body: bytes) -> Iterator[Piece]:
        yield from self._reader.pieces(Event(body.removeprefix(BYTE_ORDER_MARK)))
        if not self._reader.has_choices:
            raise ModelFailed(Failure.INCOMPLETE, broke_off=False, error="NotAnAnswer")
        yield Piece(is_done=True)

    def _pieces(self, events: Iterator[Event]) -> Iterator[Piece]:
        try:
            for event in events:
                self._has_events = True
                yield from self._reader.pieces(event)
        except EventTooLarge as error:
            raise too_large() from error


def too_large() -> ModelFailed:
    """Too much in one go. It did not break off: another attempt would bring the same."""
    return ModelFailed(Failure.INCOMPLETE, broke_off=False, error=EventTooLarge.__name__)


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
