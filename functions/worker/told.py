"""What a stream has told of one text, by deltas, by whole messages or by both."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Told:
    """One text, as far as it was told."""

    _given: list[str] = field(default_factory=list, repr=False)
    _has_deltas: bool = False

    @property
    def has_begun(self) -> bool:
        """Whether any of it has come."""
        return bool(self._given)

    def delta(self, text: str) -> str:
        """Take what is all new, and return it."""
        if text:
            self._has_deltas = True
            self._given.append(text)
        return text

    def new_in(self, whole: str) -> str:
        """Take a whole message, and return what the deltas, or messages before, have not said yet."""
        if not whole:
            return ""
        given = "".join(self._given)
        self._given = [given] if given else []
        new = whole[len(given) :] if whole.startswith(given) else "" if self._has_deltas else whole
        if new:
            self._given.append(new)
        return new
