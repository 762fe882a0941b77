"""The parts of an answer: those beside its text are merged like the text, and all are put in order."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from framestream.answer import Answer

Json: TypeAlias = dict[str, Any]
MAX_MISSES = 5
"""What so many stored generations do not have is not expected any more: the server may not keep it."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of an answer. Reasoning, sources and data may come before, within and after its text."""

    index: int
    """Its place among the parts of the answer."""
    kind: str
    """text, reasoning, source or data."""
    text: str
    """All of it so far; of a source and of data a JSON document."""

    @property
    def document(self) -> Json:
        """Of a source `url`, and perhaps `title` and `snippet`; of data `name` and `value`."""
        return _document_in(self.text)


@dataclass(frozen=True, slots=True)
class PartPiece:
    """A piece of a part beside the text. A higher `attempt` than before voids the parts before."""

    index: int
    kind: str
    text: str
    attempt: int


@dataclass(frozen=True, slots=True)
class Received:
    """A part beside the text, as far as it was received."""

    index: int
    kind: str
    text_offset: int
    content: Answer = field(default_factory=Answer)


@dataclass(frozen=True, slots=True)
class Parts:
    """What was received of an attempt beside its text."""

    received: tuple[Received, ...] = ()
    misses: int = 0
    """How many stored generations did not have what is missing."""

    @property
    def is_missing_any(self) -> bool:
        """Something exists on the server that did not arrive."""
        return self.misses < MAX_MISSES and self._is_broken

    @property
    def _is_broken(self) -> bool:
        return any(
            part.content.has_gap or self._is_after_missing(at) for at, part in enumerate(self.received)
        )

    def text_of(self, index: int) -> str:
        return next((part.content.text for part in self.received if part.index == index), "")

    def merge(self, index: int, kind: str, delta: str, *, offset: int, text_offset: int) -> Parts:
        """Add a piece of a part."""
        known = next((part for part in self.received if part.index == index), None)
        part = known or Received(index, kind, text_offset)
        if part.kind != kind:
            return self
        content = part.content.merge(delta, offset=offset, attempt=0)
        return self._with(replace(part, content=content))

    def without_text(self, index: int, kind: str, *, text_offset: int) -> Parts:
        """A stored generation has this part without its text, so that no more of it comes from there."""
        merged = self.merge(index, kind, "", offset=0, text_offset=text_offset)
        part = next(part for part in merged.received if part.index == index)
        return merged._with(replace(part, content=replace(part.content, known=len(part.content.text))))

    def after_snapshot(self) -> Parts:
        """A stored generation was applied."""
        return replace(self, misses=self.misses + 1) if self._is_broken else self

    def in_order(self, text: str) -> tuple[Part, ...]:
        """Return the parts in order, up to the first that does not join, and then the rest of the text."""
        parts: list[Part] = []
        told = index = 0
        is_missing_any = self.is_missing_any
        for at, part in enumerate(self.received):
            if part.text_offset > len(text) or (is_missing_any and self._is_after_missing(at)):
                break
            if part.text_offset > told:
                parts.append(Part(index, "text", text[told : part.text_offset]))
            if _says_something(part):
                parts.append(Part(part.index, part.kind, part.content.text))
            told, index = max(told, part.text_offset), part.index + 1
            if is_missing_any and part.content.has_gap:
                break
        return (*parts, Part(index, "text", text[told:])) if text[told:] else tuple(parts)

    def _is_after_missing(self, at: int) -> bool:
        # The text between two parts is a part, too; any other place is of a part that did not arrive.
        part = self.received[at]
        before = self.received[at - 1] if at else Received(-1, "", 0)
        return part.index - before.index > (2 if part.text_offset > before.text_offset else 1)

    def _with(self, part: Received) -> Parts:
        others = (other for other in self.received if other.index != part.index)
        return replace(self, received=tuple(sorted((*others, part), key=lambda each: each.index)))


def _says_something(part: Received) -> bool:
    document = _document_in(part.content.text) if part.kind != "reasoning" else {}
    match part.kind:
        case "reasoning":
            return bool(part.content.text)
        case "source":
            return isinstance(document.get("url"), str)
        case "data":
            return isinstance(document.get("name"), str)
    return False


def _document_in(text: str) -> Json:
    try:
        document = json.loads(text)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}
