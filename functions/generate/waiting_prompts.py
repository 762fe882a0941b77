"""Reads the prompts that wait in a chat's queue, in their order."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from functions.generate.concurrently import one_by_one
from functions.generate.pages import size_of

if TYPE_CHECKING:
    from datetime import datetime

    from functions.generate.ports import Archive, AtOnce, Chats
    from functions.shared.chats.model import Chat

MOST_BYTES = 2_000_000
"""Of all prompts in one reply, so that messages have room beside them."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A prompt that waits."""

    generation_id: str
    created_at: datetime
    prompt: str | None = field(repr=False)
    """None: an answer is to be made anew, or no reply can carry it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingPrompts:
    """The queues of all chats."""

    chats: Chats
    archive: Archive
    at_once: AtOnce = one_by_one

    def of(self, chat: Chat, *, now: datetime) -> list[Waiting]:
        """Read what waits; what is gone is passed over."""

        def read(generation_id: str) -> Waiting | None:
            generation = self.archive.find(generation_id, now=now)
            if generation is None or not generation.waits:
                return None
            text = self.chats.waiting_prompt(chat.user_id, chat.chat_id, generation_id, now=now)
            return Waiting(generation_id, generation.created_at, text)

        room = MOST_BYTES
        waiting = []
        for found in self.at_once(read, chat.waiting):
            if found is not None:
                room -= size_of(found.prompt or "")
                waiting.append(found if room >= 0 else Waiting(found.generation_id, found.created_at, None))
        return waiting
