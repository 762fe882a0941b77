"""Takes reasoning out of a text that begins with it in tags: `<think>…</think>`, in whatever pieces it comes.

Only at the beginning of an answer: later, the tag is what the model writes about. White space beside the tags
belongs to neither. A block that is not closed is reasoning to the end.
"""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from typing import TYPE_CHECKING

from functions.worker.model import Piece

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

NAMES = ("think", "thinking")


class _Place(Enum):
    BEFORE = auto()
    WITHIN = auto()
    AFTER = auto()
    """Behind the block, where no text has come yet."""
    TEXT = auto()


@dataclass(slots=True)
class ThinkTags:
    """Reads one answer."""

    _place: _Place = _Place.BEFORE
    _closing: str = field(default="", repr=False)
    _held: str = field(default="", repr=False)
    """What may turn out to be a tag, or white space beside one."""
    _has_reasoning: bool = False

    def take(self, piece: Piece) -> Piece:
        """Return the piece with its text divided."""
        is_last = piece.is_done or (piece.finish_reason is not None and not piece.text)
        if self._place is _Place.TEXT or not (piece.text or is_last):
            return piece
        reasoning, text = self._divided(piece.text)
        if is_last:
            more_reasoning, more_text = self._rest()
            reasoning, text = reasoning + more_reasoning, text + more_text
        return replace(piece, text=text, reasoning=piece.reasoning + reasoning)

    def end(self) -> Piece | None:
        """Return what was held when the stream just ended."""
        reasoning, text = self._rest()
        return Piece(text=text, reasoning=reasoning) if reasoning or text else None

    def _divided(self, text: str) -> tuple[str, str]:
        held, self._held = self._held + text, ""
        if self._place is _Place.BEFORE and not self._begins(held):
            return "", "" if self._held else held
        if self._place is _Place.BEFORE:
            self._place = _Place.WITHIN
            held = held.partition(">")[2]
        reasoning = ""
        if self._place is _Place.WITHIN:
            reasoning, held = self._within(held)
        if self._place is _Place.AFTER and (held := held.lstrip()):
            self._place = _Place.TEXT
        return reasoning, held

    def _begins(self, text: str) -> bool:
        """Whether the text begins with a tag. If that is not known yet, the text is held."""
        begin = text.lstrip()
        for name in NAMES:
            if begin.startswith(f"<{name}>"):
                self._closing = f"</{name}>"
                return True
        if any(f"<{name}>".startswith(begin) for name in NAMES):
            self._held = text
        else:
            self._place = _Place.TEXT
        return False

    def _within(self, text: str) -> tuple[str, str]:
        """Return the reasoning that is known to be some, and the text after its end."""
        before, tag, after = text.partition(self._closing)
        if tag:
            self._place = _Place.AFTER
            reasoning = before.rstrip()
        else:
            kept = _without_beginning_of(self._closing, before).rstrip()
            reasoning, self._held = kept, before[len(kept) :]
        if not self._has_reasoning:
            reasoning = reasoning.lstrip()
            self._has_reasoning = bool(reasoning)
        return reasoning, after

    def _rest(self) -> tuple[str, str]:
        held, self._held = self._held, ""
        return (held.rstrip(), "") if self._place is _Place.WITHIN else ("", held)


def _without_beginning_of(tag: str, text: str) -> str:
    at = text.rfind("<", max(len(text) - len(tag), 0))
    return text[:at] if at >= 0 and tag.startswith(text[at:]) else text


async def divided(pieces: AsyncGenerator[Piece]) -> AsyncGenerator[Piece]:
    """Yield the pieces of an answer with reasoning for what stands in tags."""
    tags = ThinkTags()
    async with aclosing(pieces):
        async for piece in pieces:
            yield tags.take(piece)
    if (rest := tags.end()) is not None:
        yield rest
