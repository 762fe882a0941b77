"""What an attempt writes: its transitions, and the text and the other parts beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions.shared.chats.attempts import ChatAttempts
from functions.shared.generations.part_store import PartStore
from functions.shared.generations.text_store import TextStore

if TYPE_CHECKING:
    from collections.abc import Sequence

    from functions.shared.generations.model import Generation
    from functions.shared.generations.parts import StoredPart


class AttemptStore(ChatAttempts):
    """All writes of a worker."""

    __slots__ = ()

    def save(self, generation: Generation, attempt: int, offset: int, text: str) -> None:
        """Store text from an offset on, as `TextStore.save`."""
        TextStore(self.client, self.table).save(generation, attempt, offset, text)

    def save_parts(self, generation: Generation, attempt: int, pieces: Sequence[StoredPart]) -> None:
        """Store pieces of parts, as `PartStore.save`."""
        PartStore(self.client, self.table).save(generation, attempt, pieces)
