"""Sees that an accepted prompt has a message in the queue, and promises nothing before it has one."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from functions.shared.errors import Unavailable
from functions.shared.generations.model import Status
from functions.shared.log import Log
from functions.shared.retry import Retry

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from functions.generate.ports import Archive, ChatSubmissions, Queue, Transitions
    from functions.shared.generations.model import Generation

logger = Log(__name__)

RIVAL_IS_SENDING = Retry(attempts=5, first=0.1, longest=0.8, fixed=0.5)
"""Looks at a prompt of which another request is talking to the queue."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Queueing:
    """Queues generations, for the first time and again."""

    transitions: Transitions
    submissions: ChatSubmissions
    archive: Archive
    queue: Queue
    sleep: Callable[[float], None] = time.sleep

    def queue_new(self, generation: Generation, *, now: datetime) -> None:
        """Queue a generation that was recorded just now.

        Raises:
            Unavailable: If that failed, and the generation is withdrawn.
        """
        try:
            self.queue.send(generation.generation_id)
        except Unavailable:
            if self.submissions.withdraw(generation, now=now):
                logger.warning("withdrawn")
                raise
            # A worker has it, or will: the message was taken and only the reply was lost, or another was.
            return
        if generation.requeued_at is not None:
            # It was withdrawn before: what repeats it must not take this message for one that is being sent.
            self.transitions.note_queued(generation.generation_id, now=now)

    def queue_released(self, generation_id: str, *, now: datetime) -> None:
        """Queue what left its chat's queue. If that fails, a worker does when it tells the end before."""
        with suppress(Unavailable):
            self.queue.send(generation_id)
            self.transitions.note_queued(generation_id, now=now)

    def queue_resumed(self, generation_id: str, *, now: datetime) -> None:
        """Queue what left a queue because its user let that go on: there is no end before, and no worker.

        Raises:
            Unavailable: If that failed; asking again is safe, and a reader of it sends it again, too.
        """
        try:
            self.queue.send(generation_id)
        except Unavailable:
            self.transitions.note_unqueued(generation_id)
            raise
        self.transitions.note_queued(generation_id, now=now)

    def ensure_resumed(self, generation_id: str, *, now: datetime) -> None:
        """Queue it again if that has failed before.

        Raises:
            Unavailable: If it fails again.
        """
        generation = self.archive.find(generation_id, now=now)
        if generation and generation.position is not None and generation.is_without_message:
            self.queue_resumed(generation_id, now=now)

    def ensure_queued(self, generation: Generation, *, now: datetime) -> None:
        """Queue a repeated prompt again, unless it needs no message or has one.

        The first request may have died before it sent anything, so a repetition sends too: one of them, once
        in a while. The others wait until the queue has confirmed that message, and promise nothing before.

        Raises:
            Unavailable: If the queue did not confirm one.
        """
        for number in RIVAL_IS_SENDING.tries(self.sleep):
            if number:
                generation = self.archive.find(generation.generation_id, now=now) or generation
            if generation.withdrawn:
                break
            if generation.waits or generation.was_queued_lately(now=now):
                return
            if generation.status is not Status.QUEUED:
                self.requeue_if_stranded(generation, now=now)
                return
            if self.transitions.requeue(generation.generation_id, now=now):
                # If that fails, nothing is withdrawn: the first request may have been accepted.
                self.queue.send(generation.generation_id)
                self.transitions.note_queued(generation.generation_id, now=now)
                return
        raise Unavailable("being_queued")

    def requeue_if_stranded(self, generation: Generation, *, now: datetime) -> None:
        """Queue a generation again that no worker seems to have; at worst there are two messages then."""
        if generation.is_stranded(now=now):
            self.requeue(generation.generation_id, now=now)

    def requeue(self, generation_id: str, *, now: datetime) -> None:
        """Queue a generation again whose end was not told, unless it was so lately."""
        if self.transitions.requeue(generation_id, now=now):
            # If that fails, the next request or reminder tries again; and its first message comes back too.
            with suppress(Unavailable):
                self.queue.send_again(generation_id)
                logger.info("queued again", generation_id=generation_id)
                self.transitions.note_queued(generation_id, now=now)
