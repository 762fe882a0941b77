"""Server-sent events, from bytes to data, without any I/O (WHATWG HTML §9.2.6).

Not a line splitter of a library: those that split text also split at U+2028 and the like, which JSON may
contain unescaped.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

LINE_END = re.compile(rb"\r\n|\n|\r")
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(slots=True)
class EventDecoder:
    """Takes chunks of a stream as they come and gives the data of each event that is whole."""

    _rest: bytes = field(default=b"", repr=False)
    _data: list[bytes] = field(default_factory=list, repr=False)
    _is_first: bool = True

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """Yield the data of the events that this chunk completes."""
        buffer = self._rest + chunk
        if self._is_first and len(buffer) >= len(BYTE_ORDER_MARK):
            buffer = buffer.removeprefix(BYTE_ORDER_MARK)
            self._is_first = False
        start = 0
        for end in LINE_END.finditer(buffer):
            if end.group() == b"\r" and end.end() == len(buffer):
                break  # Perhaps the first half of \r\n: wait for what follows.
            yield from self._line(buffer[start : end.start()])
            start = end.end()
        self._rest = buffer[start:]

    def end(self) -> Iterator[bytes]:
        """Yield what the stream ended in the middle of: servers forget the last empty line."""
        yield from self._line(self._rest.removesuffix(b"\r"))
        yield from self._line(b"")
        self._rest = b""

    def _line(self, line: bytes) -> Iterator[bytes]:
        if line:
            name, _, value = line.partition(b":")
            if name == b"data":
                self._data.append(value.removeprefix(b" "))
        elif self._data:
            yield b"\n".join(self._data)
            self._data.clear()
