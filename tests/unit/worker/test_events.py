"""Server-sent events, however their bytes arrive."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.worker.events import EventDecoder


def decoded(*chunks: bytes) -> list[bytes]:
    decoder = EventDecoder()
    return [*(data for chunk in chunks for data in decoder.feed(chunk)), *decoder.end()]


@pytest.mark.parametrize(
    ("stream", "expected"),
    [
        (b"data: a\n\ndata: b\n\n", [b"a", b"b"]),
        (b"data: a\r\n\r\ndata: b\r\n\r\n", [b"a", b"b"]),
        (b"data: a\r\rdata: b\r\r", [b"a", b"b"]),
        (b"\xef\xbb\xbfdata: a\n\n", [b"a"]),
        (b"data:a\n\n", [b"a"]),
        (b"data:  a\n\n", [b" a"]),
        (b"data: a\ndata: b\n\n", [b"a\nb"]),
        (b": keep-alive\n\ndata: a\n\n", [b"a"]),
        (b"event: x\nid: 1\nretry: 5\ndata: a\n\n", [b"a"]),
        (b"data: a", [b"a"]),
        (b"data: a\n", [b"a"]),
        (b"data: a\r", [b"a"]),
        (b"\n\n\n", []),
        (b"", []),
        (b"<html>busy</html>", []),
        ("data: \u2028\x85\n\n".encode(), ["\u2028\x85".encode()]),
    ],
)
@pytest.mark.fault(84)
def test_events_are_found(stream: bytes, expected: list[bytes]) -> None:
    assert decoded(stream) == expected
    assert decoded(*(bytes([byte]) for byte in stream)) == expected


@given(st.lists(st.binary().filter(lambda data: not set(data) & {10, 13}), max_size=6), st.data())
def test_cuts_between_chunks_make_no_difference(events: list[bytes], data: st.DataObject) -> None:
    stream = b"".join(b"data: " + event + b"\r\n\r\n" for event in events)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=6)))
    edges = [0, *cuts, len(stream)]

    chunks = [stream[a:b] for a, b in pairwise(edges)]

    assert decoded(*chunks) == events
