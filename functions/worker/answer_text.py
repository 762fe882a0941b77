"""One growing text. Each sender keeps a cursor into it and asks for what follows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from functions.shared.generations.model import Outcome

REPLACEMENT = "\ufffd"


@dataclass(slots=True)
class AnswerText:
    """The text of one attempt, as far as the model has written it, and how it ended."""

    attempt: int
    outcome: Outcome | None = None
    chat_version: int = 0
    """The version of the chat that its end made; 0 until then, and where it is of no chat."""
    model: str = ""
    """Which model answers, where that is not the one that was asked for."""
    is_stopped: bool = False
    """Whether its user wants no more of it: what comes all the same is not shown, and only counted."""
    _unshown: list[str] = field(default_factory=list, repr=False)
    _text: str = field(default="", repr=False)
    _fresh: list[str] = field(default_factory=list, repr=False)
    _length: int = 0
    _half: str = field(default="", repr=False)
    """The first half of a surrogate pair whose other half is still to come."""

    @property
    def text(self) -> str:
        """Everything so far. Pieces are joined when it is read, not one by one."""
        if self._fresh:
            self._text += "".join(self._fresh)
            self._fresh.clear()
        return self._text

    def __len__(self) -> int:
        """How many code points there are. Asked with every token, so it is counted and nothing is joined."""
        return self._length

    @property
    def received(self) -> str:
        """Everything that the model has written, shown or not."""
        return self.text + "".join(self._unshown)

    def stop(self) -> None:
        """Show no more."""
        self.is_stopped = True
        self._half = ""

    def _add(self, piece: str) -> None:
        self._fresh.append(piece)
        self._length += len(piece)

    def append(self, piece: str) -> None:
        """Add what the model wrote.

        JSON may carry a character outside the BMP as two escapes (RFC 8259 §7), and a model server may cut
        its text between them. Halves are put together again; half a character alone is no character.
        """
        if self.is_stopped:
            self._unshown.append(piece)
            return
        piece = self._half + piece
        self._half = ""
        if piece and "\ud800" <= piece[-1] <= "\udbff":
            self._half, piece = piece[-1], piece[:-1]
        if not piece:
            return
        if not piece.isascii():
            piece = piece.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        self._add(piece)

    def end(self) -> None:
        """Append U+FFFD for a trailing high surrogate whose low surrogate never arrived."""
        if self._half:
            self._half = ""
            self._add(REPLACEMENT)

    def cut(self, length: int) -> None:
        """Keep only so many code points."""
        self._text = self.text[:length]
        self._length = len(self._text)
        self._half = ""

    def restart(self, attempt: int) -> None:
        """Begin again with another attempt; what was written belongs to the earlier one."""
        self.attempt = attempt
        self._text = self._half = ""
        self._length = 0
        self._fresh.clear()
