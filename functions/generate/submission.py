"""Accepts each prompt once: recorded under its Idempotency-Key, counted against its user's limits, queued."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from functions.generate.problems import Invalid, KeyReused
from functions.shared.generations.model import Generation, Status
from functions.shared.log_context import note

if TYPE_CHECKING:
    from datetime import datetime

    from functions.generate.ports import Archive, Limits, Transitions
    from functions.generate.queueing import Queueing
    from functions.generate.requests import GenerateRequest
    from functions.generate.settings import GenerateOptions
    from functions.shared.trace_context import TraceContext
    from functions.shared.wire.bodies import Complaint


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """Takes prompts, durably before it says so, and once per Idempotency-Key."""

    transitions: Transitions
    archive: Archive
    limits: Limits
    queueing: Queueing
    options: GenerateOptions

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
        model = request.model or self.options.llm_model
        allowed = {self.options.llm_model, *self.options.llm_allowed_models}
        if model not in allowed:
            errors: list[Complaint] = [
                {"field": "model", "message": f"must be one of: {', '.join(sorted(allowed))}"}
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
            start_by=now + self.options.queue_deadline,
            expires_at=now + self.options.retention,
            request_hash=request.fingerprint(),
            trace=trace,
            request_id=request_id,
        )
        note(generation_id=proposed.generation_id)
        recorded = self._recorded(proposed, request.prompt, is_repeatable=key is not None, now=now)
        if recorded.request_hash != proposed.request_hash:
            raise KeyReused("This Idempotency-Key was used with another request before. Use a new key.")
        if recorded is proposed:
            self.queueing.queue_new(recorded.generation_id)
        else:
            self.queueing.ensure_queued(recorded, now=now)
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


def _generation_id(user_id: str, key: str | None) -> str:
    if key is None:
        return secrets.token_hex(16)
    return hashlib.sha256(f"{user_id}\0{key}".encode()).hexdigest()[:32]
