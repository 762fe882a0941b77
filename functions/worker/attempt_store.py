"""What an attempt writes: its transitions, and the text beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions.shared.chats.attempts import ChatAttempts
from functions.shared.generations.text_store import TextStore

if TYPE_CHECKING:
    from functions.shared.generations.model import Generation


class AttemptStore(ChatAttempts):
    """All writes of a worker."""

    __slots__ = ()

    def save(self, generation: Generation, attempt: int, offset: int, text: str) -> None:
        """Store text from an offset on, as `TextStore.save`."""
        TextStore(self.client, self.table).save(generation, attempt, offset, text)
