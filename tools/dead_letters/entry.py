"""What a dead letter is about, and what stands in the way of doing something with it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from functions.shared.deletion_message import deletion_from
from functions.shared.queue_message import generation_id_from

if TYPE_CHECKING:
    from datetime import datetime

    from functions.shared.deletion_message import Deletion
    from functions.shared.generations.model import Generation
    from tools.dead_letters.queue_walk import QueueMessage

# A queue message may hold anything; what is shown on a terminal and looked up is an id.
ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


class Generations(Protocol):
    """Where generations are read."""

    def find(self, generation_id: str, *, now: datetime) -> Generation | None: ...
    def text(self, generation: Generation) -> str: ...


@dataclass(frozen=True, slots=True)
class Entry:
    """A dead letter, and the generation that it names, if that is recorded, or the deletion of a chat."""

    letter: QueueMessage
    generation_id: str | None = None
    generation: Generation | None = None
    deletion: Deletion | None = None

    @property
    def flaw(self) -> str | None:
        """Why no worker can ever do anything with this letter, None if one can."""
        if self.deletion is not None:
            return None
        if self.generation_id is None:
            return "it is no message of framestream"
        if self.generation is None:
            return "its generation is not recorded, or no longer"
        return None

    def hold(self, *, now: datetime) -> str | None:
        """Say until when a worker has the generation, None if none has.

        Until then nothing is done: that worker may still end it, or tell its end. And it may die; its own
        message brings the generation back then, and this letter may be that message.
        """
        generation = self.generation
        if generation is None or generation.announced or generation.lease_until is None:
            return None
        if generation.lease_until <= now:
            return None
        return f"a worker has its generation until {generation.lease_until:%H:%M:%S} UTC: try again then"


def entry_of(letter: QueueMessage, generations: Generations, *, now: datetime) -> Entry:
    """Look up what a letter is about."""
    try:
        if reminder := deletion_from(letter.body):
            return Entry(letter, deletion=reminder.deletion)
        generation_id = generation_id_from(letter.body)
    except (ValueError, RecursionError, KeyError, TypeError):
        return Entry(letter)
    if not ID.fullmatch(generation_id):
        return Entry(letter)
    return Entry(letter, generation_id, generations.find(generation_id, now=now))
