"""What fits into one message of a socket."""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions.shared.wire.encoding import encode

if TYPE_CHECKING:
    from collections.abc import Mapping

LARGEST_MESSAGE = 32_000
"""Bytes. API Gateway closes a socket over a frame of more than 32 KB, and bills by 32 KB."""
LARGEST_DELTA = 28_000
"""Bytes of a delta in JSON; ids and field names take the rest of the frame."""


def fits(length: int, content: Mapping[str, object]) -> bool:
    """Whether content with a text of so many code points fits; one that is far too long is not written."""
    return length <= LARGEST_DELTA and len(encode(content)) <= LARGEST_DELTA


def fitting(text: str, offset: int, until: int) -> str:
    """Cut the longest piece between two offsets whose JSON is small enough for one message."""
    piece = text[offset : min(offset + LARGEST_DELTA, until)]
    while len(encode({"delta": piece})) > LARGEST_DELTA:
        piece = piece[: len(piece) // 2]
    return piece
