"""How much of an answer's text one reply may carry."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

LARGEST = 5_000_000
"""Bytes of text in one reply. Lambda's answer may have 6 MiB, in which the body is JSON within JSON."""
MOST_PER_CHARACTER = 12
"""Bytes: an escaped surrogate pair."""


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a text."""

    text: str = field(repr=False)
    length: int
    """Code points that are known of the whole text: all of them, unless there is more."""
    has_more: bool


def page_of(pieces: Iterable[tuple[int, str]], *, offset: int, room: int = LARGEST) -> Page:
    """Join pieces from an offset on, for as long as they follow each other and the reply is not too large.

    A piece may repeat what an earlier one already had.
    """
    text: list[str] = []
    end = 0
    for start, piece in pieces:
        if not end and start <= offset:
            end = start
        if start > end:
            break
        fresh = piece[end - start :]
        wanted = fresh[max(offset - end, 0) :]
        size = size_of(wanted)
        if size > room:
            text.append(wanted[: room // MOST_PER_CHARACTER])
            return Page("".join(text), end, has_more=True)
        text.append(wanted)
        room -= size
        end += len(fresh)
    return Page("".join(text), end, has_more=False)


def size_of(text: str) -> int:
    """Count bytes as Lambda sends them, if it escapes all that is not ASCII."""
    return len(json.dumps(json.dumps(text, ensure_ascii=False)))
