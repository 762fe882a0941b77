"""Accepts each prompt once, queues it, and reads and cancels generations."""

from __future__ import annotations

import hashlib
import secrets
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from functions.generate.problems import Invalid, KeyReused, NotFound
from functions.shared.errors import Unavailable
from functions.shared.generations.model import Generation, Status
from functions.shared.log import Log
from functions.shared.log_context import note
from functions.shared.retry import Retry

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime, timedelta

    from functions.generate.requests import GenerateRequest
    from functions.shared.trace_context import TraceContext
    from functions.shared.wire.bodies import Complaint

logger = Log(__name__)

RIVAL_IS_SENDING = Retry(attempts=5, first=0.1, longest=0.8, fixed=0.5)
"""Looks at a prompt of which another request is talking to the queue."""


class Transitions(Protocol):
    """How a request changes a generation: `functions.shared.generations.transitions` says when it may."""

    def submit(self, generation: Generation, prompt: str, *, now: datetime) -> Generation: ...
    def withdraw(self, generation_id: str, *, reopened_at: datetime | None) -> bool: ...
    def reopen(self, generation_id: str, *, start_by: datetime, now: datetime) -> bool: ...
    def requeue(self, generation_id: str, *, now: datetime) -> bool: ...
    def note_queued(self, generation_id: str, *, now: datetime) -> None: ...
    def cancel_queued(self, generation_id: str) -> bool: ...
    def request_cancel(self, generation_id: str) -> bool: ...


class Limits(Protocol):
    """How much one user may ask for."""

    def admit(self, user_id: str, name: str, *, now: datetime) -> None:
        """Raises TooMany."""


class Archive(Protocol):
    """Where generations are read."""

    def find(self, generation_id: str, *, now: datetime) -> Generation | None: ...


class Queue(Protocol):
    """Where workers look for work."""

    def send(self, generation_id: str) -> None:
        """Raises Unavailable if the message may not have been taken."""

    def send_again(self, generation_id: str) -> None:
        """Send what has a reminder. Raises Unavailable if the message may not have been taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """Takes prompts, durably before it says so, and once per Idempotency-Key."""

    transitions: Transitions
    archive: Archive
    queue: Queue
    limits: Limits
    model: str
    allowed_models: frozenset[str]
    queue_deadline: timedelta
    retention: timedelta
    sleep: Callable[[float], None] = time.sleep

    def submit(
        self,
        request: GenerateRequest,
        *,
        key: str | None,
        trace: TraceContext | None = None,
        request_id: str = "",
        now: datetime,
    ) -> Generation:
        """Record a prompt and queue it.

        Args:
            request: What is asked.
            key: The Idempotency-Key, if there is one.
            trace: What the whole answer is traced as, unless the prompt was recorded before.
            request_id: The gateway's name of the request.
            now: The time.

        Raises:
            Invalid: If the request names a model that the deployment does not allow.
            KeyReused: If the key came with another request before.
            TooMany: If the user asks for more than one user may; a repeated key is no further prompt.
            Unavailable: If the prompt could not be recorded and queued; asking again is safe.
        """
        model = request.model or self.model
        if model not in self.allowed_models:
            errors: list[Complaint] = [
                {"field": "model", "message": f"must be one of: {', '.join(sorted(self.allowed_models))}"}
            ]
            raise Invalid("Some fields are not as they must be.", errors=errors)
        proposed = Generation(
            generation_id=_generation_id(request.user_id, key),
            user_id=request.user_id,
            chat_id=request.chat_id,
            model=model,
            status=Status.QUEUED,
            attempt=0,
            created_at=now,
            start_by=now + self.queue_deadline,
            expires_at=now + self.retention,
            request_hash=request.fingerprint(),
            trace=trace,
            request_id=request_id,
        )
        note(generation_id=proposed.generation_id)
        recorded = self._recorded(proposed, request.prompt, is_repeatable=key is not None, now=now)
        if recorded.request_hash != proposed.request_hash:
            raise KeyReused("This Idempotency-Key was used with another request before. Use a new key.")
        if recorded is proposed:
            self._queue(recorded.generation_id, reopened_at=None)
        else:
            self._ensure_queued(recorded, now=now)
        return recorded

    def _recorded(
        self, proposed: Generation, prompt: str, *, is_repeatable: bool, now: datetime
    ) -> Generation:
        """Return what was accepted under this id before, or else record it, if the user may have one more."""
        before = self.archive.find(proposed.generation_id, now=now) if is_repeatable else None
        if before is not None:
            return before
        self.limits.admit(proposed.user_id, proposed.generation_id, now=now)
        return self.transitions.submit(proposed, prompt, now=now)

    def _ensure_queued(self, generation: Generation, *, now: datetime) -> None:
        """Queue a repeated prompt again, unless it needs no message or has one.

        The first request may have died before it sent anything, so a repetition sends too: one of them, once
        in a while. The others wait until the queue has confirmed that message, and promise nothing before.

        Raises:
            Unavailable: If the queue did not confirm one.
        """
        for number in RIVAL_IS_SENDING.tries(self.sleep):
            if number:
                generation = self.archive.find(generation.generation_id, now=now) or generation
            if not (generation.status is Status.QUEUED or generation.withdrawn):
                self.requeue_if_stranded(generation, now=now)
                return
            if generation.was_queued_lately(now=now):
                return
            if self._is_queued_now(generation, now=now):
                self.transitions.note_queued(generation.generation_id, now=now)
                return
        raise Unavailable("being_queued")

    def _is_queued_now(self, generation: Generation, *, now: datetime) -> bool:
        """Send the message, if this request is the one that may."""
        generation_id = generation.generation_id
        if generation.withdrawn:
            start_by = now + self.queue_deadline
            if self.transitions.reopen(generation_id, start_by=start_by, now=now):
                self._queue(generation_id, reopened_at=now)
                return True
        elif self.transitions.requeue(generation_id, now=now):
            # If that fails, nothing is withdrawn: the first request may have been accepted.
            self.queue.send(generation_id)
            return True
        return False

    def _queue(self, generation_id: str, *, reopened_at: datetime | None) -> None:
        try:
            self.queue.send(generation_id)
        except Unavailable:
            if self.transitions.withdraw(generation_id, reopened_at=reopened_at):
                logger.warning("withdrawn")
                raise
            # A worker has it, or will: the message was taken and only the reply was lost, or another was.

    def find(self, generation_id: str, *, user_id: str, now: datetime) -> Generation:
        """Return a user's generation.

        Raises:
            NotFound: If there is none, or it is another user's.
        """
        generation = self.archive.find(generation_id, now=now)
        if generation is None or generation.user_id != user_id:
            raise NotFound("There is no such generation.")
        return generation

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

    def cancel(self, generation_id: str, *, user_id: str, now: datetime) -> None:
        """Stop a generation; one that has ended stays as it is.

        Raises:
            NotFound: If there is none, or it is another user's.
        """
        generation = self.find(generation_id, user_id=user_id, now=now)
        if generation.status.is_final or generation.cancel_requested:
            return
        if not self.transitions.cancel_queued(generation_id):
            self.transitions.request_cancel(generation_id)


def _generation_id(user_id: str, key: str | None) -> str:
    if key is None:
        return secrets.token_hex(16)
    return hashlib.sha256(f"{user_id}\0{key}".encode()).hexdigest()[:32]
