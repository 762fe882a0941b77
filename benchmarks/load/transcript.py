"""Puts together what one socket brought of one answer, with the time at which each character came."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

FINAL = frozenset({"completed", "failed", "cancelled"})


@dataclass(slots=True)
class Transcript:
    """The text as a user would see it. Without offsets, a message's text is taken to continue it."""

    text: str = ""
    frames: int = 0
    arrivals: list[tuple[int, int]] = field(default_factory=list)
    """The length of the text after each frame, and when (monotonic nanoseconds) that frame came."""
    attempt: int = 0
    ending: str | None = None
    ended_at: int | None = None
    gaps: int = 0
    """Frames that began beyond the text so far."""

    @property
    def first_text_at(self) -> int | None:
        return self.arrivals[0][1] if self.arrivals else None

    def take(self, message: dict[str, Any], at: int) -> None:
        """Follow the wire contract: a higher attempt starts again, and an offset tells what is new."""
        attempt = message.get("attempt", 1)
        if attempt < self.attempt:
            return
        if attempt > self.attempt:
            self.attempt, self.text, self.arrivals = attempt, "", []
        if message["type"] == "llm_status" and message["status"] in FINAL:
            self.ending, self.ended_at = message["status"], at
        elif message["type"] == "llm_frame" and "delta" in message["frame"]:
            self.frames += 1
            self._add(message["frame"], at)

    def _add(self, frame: dict[str, Any], at: int) -> None:
        offset = frame.get("offset", len(self.text))
        if offset > len(self.text):
            self.gaps += 1
        else:
            self.text += frame["delta"][len(self.text) - offset :]
            self.arrivals.append((len(self.text), at))


def message_in(data: bytes) -> dict[str, Any]:
    """Return a message; nothing if it is none. A gateway may send texts of its own."""
    try:
        message = json.loads(data)
    except ValueError:
        return {}
    return message if isinstance(message, dict) else {}


def transcripts(messages: Iterable[tuple[int, bytes]]) -> dict[str, Transcript]:
    """Return the transcript of each generation that a socket's messages tell of."""
    found: dict[str, Transcript] = {}
    for at, data in messages:
        message = message_in(data)
        if message.get("type", "").startswith("llm_") and "generation_id" in message:
            found.setdefault(message["generation_id"], Transcript()).take(message, at)
    return found
