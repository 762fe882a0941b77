"""How far a connection is in an answer, and which stretch follows: text and other parts, in their order."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from functions.worker.answer_parts import Part
    from functions.worker.answer_text import AnswerText


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a connection is: which attempt, how many messages around the answer, how much of it."""

    attempt: int = 0
    opening: int = 0
    offset: int = 0
    """Code points of the text."""
    closing: int = 0
    part: int = 0
    """How many parts other than text it has whole."""
    part_offset: int = 0
    """Code points of the part that follows these."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """What follows, up to where something else begins."""

    at: Cursor
    part: Part | None
    """None: it is text."""
    until: int
    """Code points, of the text or of the part."""


def following(answer: AnswerText, at: Cursor) -> Stretch | None:
    """Return the stretch after a cursor; None if there is nothing, or nothing yet."""
    for part in answer.parts.parts[at.part :]:
        if at.offset < part.text_offset:
            return Stretch(at, None, part.text_offset)
        if at.part_offset < len(part):
            return Stretch(at, part, len(part))
        if part.is_open:
            return None
        at = replace(at, part=at.part + 1, part_offset=0)
    return Stretch(at, None, len(answer)) if at.offset < len(answer) else None
