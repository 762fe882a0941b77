"""One growing text, whose pieces are joined when it is read."""

from __future__ import annotations

from dataclasses import dataclass, field

REPLACEMENT = "\ufffd"


@dataclass(slots=True)
class GrowingText:
    """What a model has written, as far as it has come."""

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

    def append(self, piece: str) -> None:
        """Add what the model wrote.

        JSON may carry a character outside the BMP as two escapes (RFC 8259 §7), and a model server may cut
        its text between them. Halves are put together again; half a character alone is no character.
        """
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

    def _add(self, piece: str) -> None:
        self._fresh.append(piece)
        self._length += len(piece)
