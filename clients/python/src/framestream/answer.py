"""An answer's text, merged from pieces that may repeat, overlap, leave a gap or start again."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Answer:
    """The text of the latest attempt so far."""

    attempt: int = 0
    text: str = ""
    known: int = 0
    """The number of code points that this attempt is known to have; above `len(text)`, there is a gap."""

    @property
    def has_gap(self) -> bool:
        return len(self.text) < self.known

    def in_attempt(self, attempt: int) -> Answer:
        """Drop the text when a later attempt begins."""
        return Answer(attempt) if attempt > self.attempt else self

    def merge(self, delta: str, *, offset: int, attempt: int) -> Answer:
        """Add a piece that begins after `offset` code points.

        Text beyond a gap is not kept: the fetch that fills the gap brings it again.
        """
        if attempt != self.attempt:
            return (
                self
                if attempt < self.attempt
                else Answer(attempt).merge(delta, offset=offset, attempt=attempt)
            )
        known = max(self.known, offset + len(delta))
        if offset > len(self.text):
            return replace(self, known=known)
        return replace(self, text=self.text + delta[len(self.text) - offset :], known=known)
