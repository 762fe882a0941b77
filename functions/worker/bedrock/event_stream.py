"""Takes AWS's binary event stream apart with botocore's decoder: each message is an event or an error.

botocore checks the check sums and has bounds of its own, which are wider than ours.
https://docs.aws.amazon.com/transcribe/latest/dg/streaming-setting-up.html describes the format.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, cast

from botocore.eventstream import EventStreamBuffer, ParserError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from botocore.eventstream import EventStreamMessage

LARGEST = 1024 * 1024
"""Bytes of one message; a model's are a few hundred."""
AT_ONCE = 16 * 1024
"""Bytes that the decoder is given at once: it copies what is left with each message that it takes out."""
UNREADABLE = (ParserError, struct.error, ValueError, LookupError)
"""What the decoder says of bytes that are no message."""
EVENT = "event"


class MessageTooLarge(Exception):
    """One message of a stream is larger than an answer's can be."""


class NotAMessage(Exception):
    """What came is not the format, or was damaged on its way."""


class Message(NamedTuple):
    """One message of a stream."""

    kind: str
    """`event`; `exception`: one that the API describes; `error`: any other."""
    name: str
    """Of the event, the exception or the error."""
    payload: bytes = b""
    sentence: str = ""
    """An error's own words."""


@dataclass(slots=True)
class MessageDecoder:
    """Finds the messages in the bytes of one stream."""

    largest: int = LARGEST
    _buffer: EventStreamBuffer = field(default_factory=EventStreamBuffer, repr=False)
    _pending: int = 0

    @property
    def is_within_message(self) -> bool:
        """Whether the end of a message is still to come."""
        return self._pending > 0

    def feed(self, data: bytes) -> Iterator[Message]:
        """Yield the messages that end in these bytes.

        Raises:
            MessageTooLarge: If one has no end in sight.
            NotAMessage: If these bytes cannot be read; what follows them cannot be either.
        """
        for start in range(0, len(data), AT_ONCE):
            part = data[start : start + AT_ONCE]
            self._buffer.add_data(part)
            self._pending += len(part)
            yield from self._complete()
            if self._pending > self.largest:
                raise MessageTooLarge

    def _complete(self) -> Iterator[Message]:
        try:
            for found in cast("Iterator[EventStreamMessage]", self._buffer):
                self._pending -= found.prelude.total_length
                yield _message(found.headers, found.payload)
        except UNREADABLE as error:
            raise NotAMessage(type(error).__name__) from error


def _message(headers: Mapping[str, object], payload: bytes) -> Message:
    kind = str(headers.get(":message-type", EVENT))
    if kind == EVENT:
        return Message(kind, str(headers.get(":event-type", "")), payload)
    name = headers.get(":exception-type") or headers.get(":error-code") or ""
    return Message(kind, str(name), payload, str(headers.get(":error-message", "")))
