"""The parts of an answer that are not its text: reasoning, sources and data, each with its place in the text.

An answer is an ordered list of parts, and the text between two others is a part of it too. So the place of
a part among all of them follows from where it begins in the text.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from functions.shared.generations.parts import StoredPart
from functions.worker.growing_text import GrowingText

if TYPE_CHECKING:
    from functions.shared.wire.messages import PartKind
    from functions.worker.model import Extra

Mark: TypeAlias = tuple[int, int]
"""A place: how many parts are before it, and how many code points of the part that it is in."""
BEGIN: Mark = (0, 0)

MOST_EXTRAS = 200
LARGEST_EXTRA = 16_384
"""Bytes of a document."""
LARGEST_STRING = 27_900
"""Bytes of the JSON string that carries it: it goes into one message, whole."""


@dataclass(slots=True, kw_only=True)
class Part:
    """One part, as far as the model has written it."""

    index: int
    kind: PartKind
    text_offset: int
    """Code points of the answer's text before it."""
    is_open: bool = False
    """Whether it may still grow: nothing follows it yet."""
    written: GrowingText = field(default_factory=GrowingText, repr=False)

    def __len__(self) -> int:
        """How many code points it has."""
        return len(self.written)


@dataclass(slots=True)
class AnswerParts:
    """The parts of one attempt, but for its text."""

    parts: list[Part] = field(default_factory=list)
    reasoning_length: int = 0
    """Code points of all its reasoning."""
    _extras: int = 0
    _urls: set[str] = field(default_factory=set, repr=False)

    @property
    def extent(self) -> tuple[int, int]:
        """What changes with everything that is added."""
        return (len(self.parts), len(self.parts[-1])) if self.parts else (0, 0)

    def reason(self, delta: str, *, text_offset: int) -> None:
        """Add reasoning: to the last part, if that is reasoning and no text has come since."""
        is_open = bool(self.parts) and self.parts[-1].is_open
        part = self.parts[-1] if is_open else self._new("reasoning", text_offset)
        part.is_open = True
        before = len(part)
        part.written.append(delta)
        self.reasoning_length += len(part) - before

    def add(self, extra: Extra, *, text_offset: int) -> bool:
        """Add a source or data. Returns whether it was: a source is told once, and there is a bound."""
        if self._extras >= MOST_EXTRAS or not _fits(extra.text):
            return False
        if extra.kind == "source" and not self._is_first(extra):
            return False
        self._extras += 1
        self.close()
        self._new(extra.kind, text_offset).written.append(extra.text)
        return True

    def close(self) -> None:
        """Let the last part grow no more: something follows it, or the answer has ended."""
        if self.parts and self.parts[-1].is_open:
            last = self.parts[-1]
            last.is_open = False
            last.written.end()

    def unstored(self, mark: Mark, *, keeps_reasoning: bool) -> tuple[list[StoredPart], Mark]:
        """Return what has come since a mark, and the mark to go on from.

        Of reasoning that is not kept only its place is.
        """
        number, offset = mark
        pieces = []
        for part in self.parts[number:]:
            text: str | None = part.written.text[offset:]
            if not keeps_reasoning and part.kind == "reasoning":
                text = None if text and not offset else ""
            if text != "":
                pieces.append(
                    StoredPart(
                        index=part.index,
                        kind=part.kind,
                        text_offset=part.text_offset,
                        offset=offset,
                        text=text,
                    )
                )
            offset = 0
        return pieces, (max(len(self.parts) - 1, 0), self.extent[1])

    def restore(self, stored: list[StoredPart]) -> None:
        """Take over what is stored of an attempt that somebody else made."""
        for each in stored:
            if each.text is None:
                continue
            part = Part(index=each.index, kind=each.kind, text_offset=each.text_offset)
            part.written.append(each.text)
            self.parts.append(part)

    def clear(self) -> None:
        """Begin again."""
        self.parts.clear()
        self._urls.clear()
        self.reasoning_length = self._extras = 0

    def _is_first(self, source: Extra) -> bool:
        url = str(json.loads(source.text)["url"])
        is_first = url not in self._urls
        self._urls.add(url)
        return is_first

    def _new(self, kind: PartKind, text_offset: int) -> Part:
        last = self.parts[-1] if self.parts else None
        index, end = (last.index + 1, last.text_offset) if last else (0, 0)
        part = Part(index=index + (text_offset > end), kind=kind, text_offset=text_offset)
        self.parts.append(part)
        return part


def _fits(document: str) -> bool:
    string = json.dumps(document, ensure_ascii=False)
    return len(document.encode("utf-8", "replace")) <= LARGEST_EXTRA and (
        len(string.encode("utf-8", "replace")) <= LARGEST_STRING
    )
