"""Turns the bytes of a ConverseStream into pieces."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from functions.shared.generations.failures import Failure
from functions.worker.bedrock.event_stream import MessageDecoder, MessageTooLarge, NotAMessage
from functions.worker.bedrock.events import ConverseReader
from functions.worker.model import ModelFailed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from functions.worker.model import Piece


@dataclass(slots=True)
class ConverseStream:
    """Reads one answer. `feed` and `end` raise ModelFailed."""

    _decoder: MessageDecoder = field(default_factory=MessageDecoder)
    _reader: ConverseReader = field(default_factory=ConverseReader)
    _has_messages: bool = False

    def feed(self, chunk: bytes) -> Iterator[Piece]:
        """Yield what these bytes bring."""
        try:
            for message in self._decoder.feed(chunk):
                self._has_messages = True
                yield self._reader.piece(message)
        except MessageTooLarge as error:
            raise ModelFailed(Failure.INCOMPLETE, broke_off=False, error=type(error).__name__) from error
        except NotAMessage as error:
            # What never was an event stream would come again; damage would not.
            raise ModelFailed(
                Failure.INCOMPLETE,
                broke_off=self._has_messages,
                worth_retrying=self._has_messages,
                error=type(error).__name__,
            ) from error

    def end(self) -> Iterator[Piece]:
        """Judge how it ended: nothing is left to yield."""
        if self._decoder.is_within_message or not self._has_messages:
            raise ModelFailed(
                Failure.INCOMPLETE, broke_off=self._has_messages, worth_retrying=True, error="CutOff"
            )
        yield from ()
