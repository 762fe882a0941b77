"""Server-sent events, however their bytes arrive."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.worker.sse import Event, EventDecoder, EventTooLarge


def decoded(*chunks: bytes) -> list[bytes]:
    decoder = EventDecoder()
    events = [*(event for chunk in chunks for event in decoder.feed(chunk)), *decoder.end()]
    return [event.data for event in events]


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
        (b": keep-alive\n\ndata: a\n\n", [b"", b"a"]),
        (b"data:\n\ndata\n\ndata: a\n\n", [b"", b"", b"a"]),
        (b"event: x\nid: 1\nretry: 5\ndata: a\n\n", [b"a"]),
        (b"data: a", [b"a"]),
        (b"data: a\n", [b"a"]),
        (b"data: a\r", [b"a"]),
        (b"\n\n\n", []),
        (b"", []),
        (b"<html>busy</html>", []),
        (b"data: {}\ndata: {\ndata: }\ndata: [DONE]\n", [b"{}", b"{\n}", b"[DONE]"]),
        (b"data: [{},\ndata: {}]\n\n", [b"[{},\n{}]"]),
        (b'error: {"code":500}\n\n', [b'{"code":500}']),
        ("data: \u2028\x85\n\n".encode(), ["\u2028\x85".encode()]),
    ],
)
@pytest.mark.fault(84)
def test_events_are_found(stream: bytes, expected: list[bytes]) -> None:
    assert decoded(stream) == expected
    assert decoded(*(bytes([byte]) for byte in stream)) == expected


LINES = st.sampled_from(
    [b"data: a", b"data: {}", b"data:b", b"data: ", b"data", b"event: x", b": hi", b"{}", b"id: 1", b""]
)


@given(st.lists(st.tuples(LINES, st.sampled_from([b"\n", b"\n\n", b"\r\n", b"\r"])), max_size=8), st.data())
def test_events_that_come_as_a_whole_are_read_as_those_that_come_in_bytes(
    lines: list[tuple[bytes, bytes]], data: st.DataObject
) -> None:
    stream = b"".join(line + end for line, end in lines)
    cuts = sorted({0, len(stream), *data.draw(st.lists(st.integers(0, len(stream)), max_size=3))})
    in_bytes, in_chunks = EventDecoder(), EventDecoder()

    one_by_one = [event for byte in stream for event in in_bytes.feed(bytes([byte]))]

    chunks = [stream[start:end] for start, end in pairwise(cuts)]
    assert [event for chunk in chunks for event in in_chunks.feed(chunk)] == one_by_one
    assert [*in_chunks.end()] == [*in_bytes.end()]


@given(st.lists(st.binary().filter(lambda data: not set(data) & {10, 13}), max_size=6), st.data())
def test_cuts_between_chunks_make_no_difference(events: list[bytes], data: st.DataObject) -> None:
    stream = b"".join(b"data: " + event + b"\r\n\r\n" for event in events)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=6)))
    edges = [0, *cuts, len(stream)]

    chunks = [stream[a:b] for a, b in pairwise(edges)]

    assert decoded(*chunks) == events


def test_the_name_of_an_event_goes_with_its_data_and_not_with_the_next_ones() -> None:
    decoder = EventDecoder()

    events = list(decoder.feed(b"event: error\ndata: a\n\ndata: b\n\n"))

    assert events == [Event(b"a", b"error"), Event(b"b")]


@pytest.mark.parametrize(
    "stream",
    [
        b"data: {}\ndata: {" + b"x" * 200,
        b"x" * 200,
        b"data: " + b"x" * 200,
        b"data: xxxxxxxxx\n" * 20,
        b":" + b"x" * 200,
    ],
)
@pytest.mark.parametrize("size", [1, 7, 1000])
def test_an_event_over_the_bound_is_refused_before_it_has_come_as_a_whole(stream: bytes, size: int) -> None:
    decoder = EventDecoder(largest=100)
    chunks = iter([stream[start : start + size] for start in range(0, len(stream), size)])

    with pytest.raises(EventTooLarge):
        [event for chunk in chunks for event in decoder.feed(chunk)]

    assert size == 1000 or len(b"".join(chunks)) >= 80


def test_many_events_may_be_larger_together_than_one() -> None:
    decoder = EventDecoder(largest=100)

    assert len(list(decoder.feed(b"id: 1\n: comment\ndata: 12345\n\n" * 100))) == 200


def test_a_long_line_is_not_joined_before_its_end() -> None:
    decoder = EventDecoder()
    for _ in range(1000):
        list(decoder.feed(b"x" * 10))

    assert sum(map(len, decoder._line)) == 10_000
    assert max(map(len, decoder._line)) == 10


def test_events_whose_empty_lines_were_forgotten_are_not_held_together() -> None:
    decoder = EventDecoder(largest=100)

    assert len(list(decoder.feed(b"data: {}\n" * 100))) == 99
