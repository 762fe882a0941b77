"""Lists the parts of an answer as one reply may carry them: stretches of its text, and all others between."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from functions.generate.pages import LARGEST, size_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from functions.shared.generations.parts import StoredPart
    from functions.shared.wire import generation_bodies as wire

LARGEST_PARTS = LARGEST // 2
"""Bytes; the text has the rest of the reply."""
FIELDS = 100
"""Bytes of a part besides its text, at most."""


def size_of_parts(stored: Iterable[StoredPart]) -> int:
    """Count bytes as Lambda sends them."""
    return sum(FIELDS + size_of(part.text or "") for part in stored)


def fitting(stored: list[StoredPart]) -> list[StoredPart]:
    """Leave out the texts of the largest kind until a reply can carry the rest: reasoning, then all."""
    for left_out in ({"reasoning"}, {"reasoning", "source", "data"}):
        if size_of_parts(stored) <= LARGEST_PARTS:
            break
        stored = [replace(part, text=None) if part.kind in left_out else part for part in stored]
    return stored


def listed(stored: list[StoredPart], *, length: int) -> list[wire.TextPart | wire.StoredPart]:
    """Describe parts, with the text of an answer between them.

    Args:
        stored: All parts other than text, in their order.
        length: Code points of the text.
    """
    every: list[wire.TextPart | wire.StoredPart] = []
    end = 0
    for part in stored:
        if part.text_offset > end:
            every.append(_text(part.index - 1, end, part.text_offset))
        end = part.text_offset
        every.append(
            {"index": part.index, "kind": part.kind, "text_offset": part.text_offset, "text": part.text}
        )
    if length > end:
        every.append(_text(stored[-1].index + 1, end, length))
    return every


def _text(index: int, begin: int, end: int) -> wire.TextPart:
    return {"index": index, "kind": "text", "text_offset": begin, "length": end - begin}
