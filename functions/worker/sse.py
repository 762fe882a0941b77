"""Server-sent events, from bytes to events, without any I/O (WHATWG HTML §9.2.6).

Each byte is looked at once, however it arrives, and no more than one event is held, which has a bound.
Not a line splitter of a library: those that split text also split at U+2028 and the like, which JSON may
contain unescaped.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from functions.shared.errors import FramestreamError

if TYPE_CHECKING:
    from collections.abc import Iterator

LARGEST = 8 * 1024 * 1024
"""Bytes of one event, or of one line: an image in base64 is let pass, and five answers fit into a worker."""
LINE_END = re.compile(rb"\r\n|\n|\r")
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class EventTooLarge(FramestreamError):
    """One event is larger than the worker reads."""


@dataclass(frozen=True, slots=True)
class Event:
    """What an empty line has ended, or a comment: that is an event without data."""

    data: bytes = field(default=b"", repr=False)
    name: bytes = field(default=b"", repr=False)


@dataclass(slots=True)
class EventDecoder:
    """Takes chunks of a stream as they come and gives each event that is whole.

    `feed` and `end` raise EventTooLarge.
    """

    largest: int = LARGEST
    _line: list[bytes] = field(default_factory=list, repr=False)
    """The beginning of a line whose end is still to come."""
    _data: list[bytes] = field(default_factory=list, repr=False)
    _name: bytes = field(default=b"", repr=False)
    _size: int = 0
    _is_first: bool = True
    _ended_with_cr: bool = False

    def feed(self, chunk: bytes) -> Iterator[Event]:
        """Yield the events that this chunk completes."""
        if not self._is_between_events or not chunk.endswith(b"\n\n") or b"\r" in chunk:
            yield from self._feed(chunk)
            return
        for event in chunk[:-2].split(b"\n\n"):
            if event.startswith(b"data: ") and b"\n" not in event and len(event) <= self.largest:
                yield Event(event[6:])  # What nearly all events are, without what all others need.
            else:
                yield from self._feed(event + b"\n\n")

    @property
    def _is_between_events(self) -> bool:
        is_within = self._line or self._data or self._name or self._size
        return not (self._is_first or is_within or self._ended_with_cr)

    def _feed(self, chunk: bytes) -> Iterator[Event]:
        if self._ended_with_cr and chunk:
            chunk = chunk.removeprefix(b"\n")  # The second half of \r\n.
            self._ended_with_cr = False
        start = 0
        for end in LINE_END.finditer(chunk):
            self._hold(chunk[start : end.start()])
            yield from self._end_line()
            start = end.end()
        self._ended_with_cr = start == len(chunk) > 0 and chunk.endswith(b"\r")
        self._hold(chunk[start:])

    def end(self) -> Iterator[Event]:
        """Yield what the stream ended in the middle of: servers forget the last empty line."""
        yield from self._end_line()
        yield from self._end_line()

    def _hold(self, part: bytes) -> None:
        self._size += len(part)
        if self._size > self.largest:
            raise EventTooLarge
        if part:
            self._line.append(part)

    def _end_line(self) -> Iterator[Event]:
        line = b"".join(self._line)
        self._line.clear()
        if self._is_first:
            line = line.removeprefix(BYTE_ORDER_MARK)
            self._is_first = False
        if line:
            yield from self._take(line)
            return
        if self._data:
            yield Event(b"\n".join(self._data), self._name)
        self._data.clear()
        self._name = b""
        self._size = 0

    def _take(self, line: bytes) -> Iterator[Event]:
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if name == b"data":
            if self._begins_another(value):
                yield Event(b"\n".join(self._data), self._name)
                self._data.clear()
                self._size = len(line)
            self._data.append(value)
            return
        self._size -= len(line)
        if line.startswith(b"{"):  # No field begins so. A proxy wrote its error, or a server forgot "data:".
            yield Event(line, self._name)
        elif name == b"event":
            self._name = value[:100]
        elif name == b"error":  # As a field of its own: llama.cpp.
            yield Event(value, name)
        elif not name:
            yield Event()

    def _begins_another(self, value: bytes) -> bool:
        """Whether the empty line before this was forgotten: no JSON goes on so after a closing brace."""
        return bool(self._data) and self._data[-1].endswith(b"}") and value.startswith((b"{", b"[DONE]"))
