"""The answer of one attempt, as it grows. Each sender keeps a cursor into it and asks for what follows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from functions.worker.answer_parts import AnswerParts
from functions.worker.growing_text import GrowingText

if TYPE_CHECKING:
    from functions.shared.generations.model import Outcome
    from functions.shared.generations.parts import StoredPart
    from functions.worker.model import Extra

Extent: TypeAlias = tuple[int, int, int]
"""How much there is: of the text, how many other parts, and how much of the last one."""


@dataclass(slots=True)
class AnswerText(GrowingText):
    """The text of one attempt, as far as the model has written it, what belongs to it, and how it ended."""

    attempt: int = field(kw_only=True)
    outcome: Outcome | None = None
    chat_version: int = 0
    """The version of the chat that its end made; 0 until then, and where it is of no chat."""
    model: str = ""
    """Which model answers, where that is not the one that was asked for."""
    is_stopped: bool = False
    """Whether its user wants no more of it: what comes all the same is not shown, and only counted."""
    parts: AnswerParts = field(default_factory=AnswerParts)
    """What belongs to it beside its text."""
    _unshown: list[str] = field(default_factory=list, repr=False)

    @property
    def received(self) -> str:
        """Everything that the model has written, shown or not."""
        reasoning = [part.written.text for part in self.parts.parts if part.kind == "reasoning"]
        return "".join([*reasoning, self.text, *self._unshown])

    @property
    def is_begun(self) -> bool:
        """Whether there is anything to show."""
        return self._length > 0 or bool(self.parts.parts)

    @property
    def extent(self) -> Extent:
        """What changes with everything that is added."""
        return (self._length, *self.parts.extent)

    def stop(self) -> None:
        """Show no more."""
        self.is_stopped = True
        self._half = ""
        self.parts.close()

    def append(self, piece: str) -> None:
        """Add what the model wrote as its answer."""
        if self.is_stopped:
            self._unshown.append(piece)
            return
        if self.parts.parts and piece:
            self.parts.close()
        GrowingText.append(self, piece)

    def reason(self, piece: str, *, is_shown: bool = True) -> None:
        """Add what the model wrote as its reasoning. What is not to be shown is only counted."""
        if self.is_stopped or not is_shown:
            self._unshown.append(piece)
        elif piece:
            self.parts.reason(piece, text_offset=self._length)

    def add(self, extra: Extra) -> bool:
        """Add a source or data. Returns whether it was added."""
        return not self.is_stopped and self.parts.add(extra, text_offset=self._length)

    def end(self) -> None:
        """Take what has come for all of it: half a character at the end is none."""
        GrowingText.end(self)
        self.parts.close()

    def restore(self, text: str, parts: list[StoredPart]) -> None:
        """Take over what is stored of an attempt that somebody else made."""
        self.append(text)
        self.parts.restore(parts)

    def restart(self, attempt: int) -> None:
        """Begin again with another attempt; what was written belongs to the earlier one."""
        self.attempt = attempt
        self._text = self._half = ""
        self._length = 0
        self._fresh.clear()
        self._unshown.clear()
        self.parts.clear()
