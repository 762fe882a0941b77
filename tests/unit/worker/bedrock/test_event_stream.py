"""The binary format: known messages, those that we write, however they are cut, and damaged ones."""

from __future__ import annotations

import struct
from binascii import crc32
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.worker.bedrock.event_stream import Message, MessageDecoder, MessageTooLarge, NotAMessage
from local.stand_in.event_stream import error, event, exception, message

# What botocore's own tests say of the format: lengths and check sums of messages that are described in words.
EMPTY = bytes.fromhex("00000010 00000000 05c248eb 7d98c8ff")
TEXT_HEADER = (
    bytes.fromhex("0000003d 00000020 07fd8396")
    + b"\x0ccontent-type\x07\x00\x10application/json{'foo':'bar'}"
    + bytes.fromhex("8d9c08b1")
)
ERROR = (
    bytes.fromhex("00000052 00000042 bf23637e")
    + b"\x0d:message-type\x07\x00\x05error\x0b:error-code\x07\x00\x04code"
    + b"\x0e:error-message\x07\x00\x07message"
    + bytes.fromhex("6b6cea3d")
)
ALL_TYPES = (
    bytes.fromhex("00000062 00000052 03b5cb9c")
    + b"\x010\x00\x011\x01\x012\x02\x02\x013\x03\x00\x03\x014\x04\x00\x00\x00\x04"
    + b"\x015\x05\x00\x00\x00\x00\x00\x00\x00\x05\x016\x06\x00\x05bytes\x017\x07\x00\x04utf8"
    + b"\x018\x08\x00\x00\x00\x00\x00\x00\x00\x08\x019\x090123456789abcdef"
    + bytes.fromhex("63353671")
)


def decoded(*chunks: bytes) -> list[Message]:
    decoder = MessageDecoder()
    return [found for chunk in chunks for found in decoder.feed(chunk)]


def test_known_messages_are_read() -> None:
    assert decoded(EMPTY) == [Message("event", "")]
    assert decoded(TEXT_HEADER) == [Message("event", "", b"{'foo':'bar'}")]
    assert decoded(ERROR) == [Message("error", "code", b"", "message")]
    assert decoded(ALL_TYPES) == [Message("event", "")]


def test_what_we_write_is_the_known_messages() -> None:
    assert message({}) == EMPTY
    assert message({"content-type": "application/json"}, b"{'foo':'bar'}") == TEXT_HEADER
    assert message({":message-type": "error", ":error-code": "code", ":error-message": "message"}) == ERROR


def test_events_exceptions_and_errors_are_told_apart() -> None:
    stream = event("messageStart", {"role": "assistant"}) + exception("throttlingException", "wait")

    assert decoded(stream + error("InternalFailure", "oh")) == [
        Message("event", "messageStart", b'{"role": "assistant"}'),
        Message("exception", "throttlingException", b'{"message": "wait"}'),
        Message("error", "InternalFailure", b"", "oh"),
    ]


@given(
    names=st.lists(st.text(max_size=20), min_size=1, max_size=5),
    size=st.integers(min_value=1, max_value=70),
)
def test_it_does_not_matter_how_a_stream_is_cut(names: list[str], size: int) -> None:
    stream = b"".join(event(name, {"text": name}) for name in names)

    found = decoded(*(stream[start : start + size] for start in range(0, len(stream), size)))

    assert [each.name for each in found] == names


def test_a_message_without_its_end_is_not_over() -> None:
    decoder = MessageDecoder()

    assert list(decoder.feed(event("messageStart", {})[:-1])) == []
    assert decoder.is_within_message


@pytest.mark.parametrize("position", range(len(TEXT_HEADER)))
def test_a_bit_that_is_flipped_anywhere_is_noticed(position: int) -> None:
    damaged = bytearray(TEXT_HEADER)
    damaged[position] ^= 0x10

    decoder = MessageDecoder()
    with pytest.raises((NotAMessage, MessageTooLarge)):
        list(decoder.feed(bytes(damaged) + bytes(2 * decoder.largest)))


def with_sums(total: int, headers: int, rest: bytes) -> bytes:
    lengths = struct.pack("!II", total, headers)
    prelude = lengths + struct.pack("!I", crc32(lengths))
    return prelude + rest + struct.pack("!I", crc32(prelude + rest))


@pytest.mark.parametrize(
    "damaged",
    [
        with_sums(0, 0, b""),  # shorter than a message can be
        with_sums(18, 40, b"\x01a"),  # headers beyond the end
        with_sums(22, 6, b"\x04test\x63"),  # a type of header that is not known
        with_sums(25, 9, b"\x04test\x07\x00\x01\xff"),  # a text that is no UTF-8
        with_sums(20, 4, b"\x01a\x04\x00"),  # a number without its end
        b"HTTP/1.1 200 OK\r\n\r\n<html>",
        b'data: {"choices":[]}\n\n',
    ],
)
def test_what_is_no_message_is_refused_though_its_sums_may_fit(damaged: bytes) -> None:
    with pytest.raises(NotAMessage):
        decoded(damaged)


def test_a_message_may_not_be_without_bounds() -> None:
    decoder = MessageDecoder(largest=1000)
    lengths = struct.pack("!II", 24 * 1024 * 1024, 0)
    prelude = lengths + struct.pack("!I", crc32(lengths))

    with pytest.raises(MessageTooLarge):
        list(decoder.feed(prelude + bytes(2000)))


@given(st.binary(max_size=200))
def test_whatever_comes_is_read_or_refused(data: bytes) -> None:
    with suppress(NotAMessage, MessageTooLarge):
        assert decoded(event("metadata", {}) + data)[0].name == "metadata"
