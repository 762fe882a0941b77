"""Redrives and discards, in an order that loses nothing: first the new state, then the letter's end."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from functions.shared.errors import FramestreamError
from functions.shared.generations.claims import Fenced
from functions.shared.generations.failures import Failure
from functions.shared.generations.model import Generation, Outcome, Status

if TYPE_CHECKING:
    from datetime import datetime

    from functions.shared.chats.attempts import ChatAttempts
    from functions.shared.queue import Queue
    from tools.dead_letters.entry import Entry, Generations
    from tools.dead_letters.queue_walk import DeadLetters

LEASE = timedelta(seconds=30)
"""More than enough to record an end."""


class Stays(FramestreamError):
    """A letter was left where it is; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Redrive:
    """Does what the operator decided about a letter."""

    messages: DeadLetters
    queue: Queue
    generations: Generations
    transitions: ChatAttempts

    def redrive(self, case: Entry, *, now: datetime) -> None:
        """Let a worker have it again: it makes the answer, or records and tells why there is none.

        Killed between sending and deleting, we leave a second message behind, which is harmless.

        Raises:
            Stays: If a redrive would not help, or a worker has it.
        """
        if reason := case.flaw or case.hold(now=now):
            raise Stays(reason)
        assert case.generation is not None
        self.queue.send(case.generation.generation_id)
        self.messages.delete(case.letter)

    def discard(self, case: Entry, *, now: datetime) -> None:
        """Give up: record the generation as failed, if it has not ended, and delete the letter.

        Raises:
            Stays: If a worker is at it.
        """
        if reason := case.hold(now=now):
            raise Stays(reason)
        if case.generation is not None and not case.generation.status.is_final:
            self._fail(case.generation, case.letter.message_id, now)
        self.messages.delete(case.letter)

    def _fail(self, generation: Generation, message_id: str, now: datetime) -> None:
        if generation.status is Status.QUEUED:
            generation = self._claimed(generation, message_id, now)
        text = self.generations.text(generation)
        outcome = Outcome(status=Status.FAILED, length=len(text), failure=Failure.WORKER_LOST)
        try:
            ended = self.transitions.finish(generation, generation.attempt, outcome, now=now)
        except Fenced as fenced:
            raise Stays("a worker was faster") from fenced
        if ended.following:
            self.queue.send(ended.following)

    def _claimed(self, generation: Generation, message_id: str, now: datetime) -> Generation:
        """Claim it as a worker does: an end can only be written by who holds the generation."""
        claim = self.transitions.claim(
            generation.generation_id,
            owner=uuid.uuid4().hex,
            message_id=message_id,
            lease_until=now + LEASE,
            max_attempts=generation.attempt + 1,
            now=now,
        )
        if claim is None or not claim.is_ours:
            raise Stays("a worker was faster")
        return claim.generation
