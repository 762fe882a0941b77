"""An answer's text, put together from pieces that may come twice, overlap, leave a gap or start again."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Answer:
    """What has come so far, of the latest attempt."""

    attempt: int = 0
    text: str = ""
    known: int = 0
    """Code points that this attempt is known to have. More than there are in `text` means a gap."""

    @property
    def has_gap(self) -> bool:
        return len(self.text) < self.known

    def in_attempt(self, attempt: int) -> Answer:
        """Drop the text when a later attempt begins."""
        return Answer(attempt) if attempt > self.attempt else self

    def merge(self, delta: str, *, offset: int, attempt: int) -> Answer:
        """Add a piece that begins after `offset` code points.

        Text beyond a gap is not kept: it comes again with what fills the gap.
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
