"""Turns the bytes of a chat completion into pieces: a stream of events, or one JSON document."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from functions.shared.generations.failures import Failure
from functions.worker.chat_chunks import ChunkReader
from functions.worker.model import ModelFailed, Piece
from functions.worker.sse import BYTE_ORDER_MARK, LARGEST, Event, EventDecoder, EventTooLarge

if TYPE_CHECKING:
    from collections.abc import Iterator

KEEP_ALIVE = Piece()


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
