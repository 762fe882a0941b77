"""Writes AWS's binary event stream, which botocore only reads.

A message: its length and that of its headers, the check sum of these two, the headers, the payload, and the
check sum of all of it. Lengths and check sums have four bytes each, the first the most significant one.
"""

from __future__ import annotations

import json
import struct
from binascii import crc32
from typing import Any

TEXT = 7
"""The type of a header's value that is text, with two bytes for its length."""
FRAME = 16
"""Bytes of a message besides headers and payload."""


def message(headers: dict[str, str], payload: bytes = b"") -> bytes:
    """Write one message, whose headers are all text."""
    head = b"".join(_header(name, value) for name, value in headers.items())
    lengths = struct.pack("!II", FRAME + len(head) + len(payload), len(head))
    prelude = lengths + struct.pack("!I", crc32(lengths))
    body = prelude + head + payload
    return body + struct.pack("!I", crc32(body))


def event(name: str, content: dict[str, Any]) -> bytes:
    """Write an event of an answer."""
    return _with_json({":event-type": name, ":message-type": "event"}, content)


def exception(name: str, sentence: str, **more: object) -> bytes:
    """Write an error that the API describes, with which a stream ends."""
    headers = {":exception-type": name, ":message-type": "exception"}
    return _with_json(headers, {"message": sentence, **more})


def error(code: str, sentence: str) -> bytes:
    """Write an error that the API does not describe."""
    return message({":error-code": code, ":error-message": sentence, ":message-type": "error"})


def _with_json(headers: dict[str, str], content: dict[str, Any]) -> bytes:
    return message({**headers, ":content-type": "application/json"}, json.dumps(content).encode())


def _header(name: str, value: str) -> bytes:
    name_bytes, value_bytes = name.encode(), value.encode()
    return (
        struct.pack("!B", len(name_bytes))
        + name_bytes
        + struct.pack("!BH", TEXT, len(value_bytes))
        + value_bytes
    )
