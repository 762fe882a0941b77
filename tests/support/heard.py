"""What a socket brought of a generation, put together as docs/protocol.md says."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

FINAL = frozenset({"completed", "failed", "cancelled"})


@dataclass(slots=True)
class Heard:
    """What one socket brought of one generation, put together by offsets and attempts."""

    attempt: int = 0
    text: str = ""
    statuses: list[str] = field(default_factory=list)
    response: dict[str, Any] | None = None
    error: dict[str, Any] | None = None
    repeated: int = 0
    """Frames, or parts of frames, that brought text which was here already."""
    missing: int = 0
    """Frames that began beyond the text so far."""
    ended_at: float = 0

    @property
    def is_final(self) -> bool:
        """Whether the end was told; a worker that tells an end once more may die before it gets there."""
        return not FINAL.isdisjoint(self.statuses)

    def take(self, message: dict[str, Any]) -> None:
        """Follow docs/protocol.md, "Offsets"."""
        if message["attempt"] < self.attempt:
            return
        if message["attempt"] > self.attempt:
            self.attempt, self.text, self.statuses = message["attempt"], "", []
        if message["type"] == "llm_status":
            self.statuses.append(message["status"])
            if self.is_final and not self.ended_at:
                self.ended_at = time.monotonic()
        elif message["type"] == "llm_response":
            self.response = message["data"]
        elif message["type"] == "llm_error":
            self.error = message
        elif message["type"] == "llm_frame" and message["frame"]["status"] == "streaming":
            self._add(message["frame"]["offset"], message["frame"]["delta"])

    def _add(self, offset: int, delta: str) -> None:
        if offset > len(self.text):
            self.missing += 1
        elif offset < len(self.text):
            self.repeated += 1
        if offset <= len(self.text):
            self.text += delta[len(self.text) - offset :]
