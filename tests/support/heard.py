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
    parts: dict[int, tuple[str, int, str]] = field(default_factory=dict)
    """What is beside the text, by index: the kind, where in the text, and what it says."""
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
            self.parts.clear()
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
        elif message["type"] == "llm_part":
            self._add_part(message["part"])

    def _add_part(self, part: dict[str, Any]) -> None:
        kind, text_offset, text = self.parts.get(part["index"], (part["kind"], part["text_offset"], ""))
        assert (kind, text_offset) == (part["kind"], part["text_offset"]), "a part that has moved"
        if part["offset"] > len(text):
            self.missing += 1
        else:
            text += part["delta"][len(text) - part["offset"] :]
        self.parts[part["index"]] = kind, text_offset, text

    def _add(self, offset: int, delta: str) -> None:
        if offset > len(self.text):
            self.missing += 1
        elif offset < len(self.text):
            self.repeated += 1
        if offset <= len(self.text):
            self.text += delta[len(self.text) - offset :]
