"""The parts of an attempt beside its text, as they are stored: piece by piece, and joined again."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from functions.shared.wire.messages import PartKind


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPart:
    """A part, or a piece of one."""

    index: int
    """Its place among the answer's parts, those of text counted too."""
    kind: PartKind
    text_offset: int
    """Code points of the answer's text before it."""
    offset: int = 0
    """Code points of the part before `text`."""
    text: str | None = field(repr=False)
    """None for reasoning that is not to be kept."""


def joined_parts(pieces: Iterable[StoredPart]) -> list[StoredPart]:
    """Join pieces, which come in their order. A piece may repeat what an earlier one already had."""
    parts: list[StoredPart] = []
    texts: list[str] = []
    length = 0
    for piece in pieces:
        if not parts or parts[-1].index != piece.index:
            _close(parts, texts)
            length = 0
            parts.append(piece)
        if piece.text is not None and piece.offset <= length:
            fresh = piece.text[length - piece.offset :]
            texts.append(fresh)
            length += len(fresh)
    _close(parts, texts)
    return parts


def _close(parts: list[StoredPart], texts: list[str]) -> None:
    if parts and parts[-1].text is not None:
        parts[-1] = replace(parts[-1], text="".join(texts), offset=0)
    texts.clear()
