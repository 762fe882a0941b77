"""Redrives and discards, in an order that loses nothing: first the new state, then the letter's end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from tools.dead_letters.failing import Stays

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from functions.shared.generations.model import Generation
    from functions.shared.queue import Queue
    from tools.dead_letters.entry import Entry, Generations
    from tools.dead_letters.failing import GenerationFailure
    from tools.dead_letters.queue_walk import DeadLetters


@dataclass(frozen=True, slots=True, kw_only=True)
class Redrive:
    """Does what the operator decided about a letter."""

    messages: DeadLetters
    queue: Queue
    generations: Generations
    reminders: Callable[[], Queue]
    """Wires the queue that goes on with deletions."""
    failure: Callable[[], GenerationFailure]
    """Wires what only a discard needs: it asks the deployment for its settings."""

    def redrive(self, case: Entry, *, now: datetime) -> None:
        """Let a worker have it again: it makes the answer, or records and tells why there is none.

        The deletion of a chat goes to the queue of reminders, which goes on with it.

        Killed between sending and deleting, we leave a second message behind, which is harmless.

        Raises:
            Stays: If a redrive would not help, or a worker has it.
        """
        if reason := case.flaw or case.hold(now=now):
            raise Stays(reason)
        if case.generation is not None:
            self.queue.send(case.generation.generation_id)
        else:
            self.reminders().send_body(case.letter.body, after=timedelta())
        self.messages.delete(case.letter)

    def discard(self, case: Entry, *, now: datetime) -> None:
        """Give up: record the generation as failed, if it has not ended, and delete the letter.

        Raises:
            Stays: If a worker is at it, or it is a deletion: its user was told that the chat is gone.
        """
        if reason := case.hold(now=now):
            raise Stays(reason)
        if case.deletion is not None:
            raise Stays("what a chat held would never be deleted: redrive it")
        if case.generation is not None and not case.generation.status.is_final:
            self._fail(case.generation, case.letter.message_id, now)
        self.messages.delete(case.letter)

    def _fail(self, generation: Generation, message_id: str, now: datetime) -> None:
        if following := self.failure().record(generation, message_id=message_id, now=now):
            self.queue.send(following)
