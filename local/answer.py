"""One answer's text, put together from frames that may come twice, overlap, leave a gap or start again."""

from __future__ import annotations

from dataclasses import dataclass


class Gap(Exception):
    """Text is missing before what just came; ask for the generation from `Answer.length` on."""


@dataclass(slots=True)
class Answer:
    """What has come so far, of the latest attempt."""

    attempt: int = 0
    text: str = ""

    @property
    def length(self) -> int:
        return len(self.text)

    def take(self, text: str, *, offset: int, attempt: int) -> str:
        """Return what is new in this piece of the text.

        Raises:
            Gap: If something is missing before it.
        """
        if attempt < self.attempt:
            return ""
        if attempt > self.attempt:
            self.attempt, self.text = attempt, ""
        if offset > self.length:
            raise Gap
        new = text[self.length - offset :]
        self.text += new
        return new
