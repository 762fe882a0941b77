"""Accepts each prompt once: recorded under its Idempotency-Key, counted against its user's limits, queued."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from functions.generate.asked import Asked, OnBusy, OnStale, ReferenceGone
from functions.generate.idempotency import accepted_again, check_same, generation_id_of
from functions.generate.parents import NO_PARENT, check_answered, parent_of
from functions.generate.problems import NotFound, unusable
from functions.generate.response_formats import response_format
from functions.shared.chats.model import prompt_id_of
from functions.shared.generations.model import Generation, Status
from functions.shared.log_context import note

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from functions.generate.acceptance import Acceptance
    from functions.generate.ports import Archive, Attaching, Formats, Limits
    from functions.generate.queueing import Queueing
    from functions.generate.requests import GenerateRequest, RegenerateRequest
    from functions.generate.settings import GenerateOptions
    from functions.shared.budgets.limits import BudgetLimits
    from functions.shared.trace_context import TraceContext


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What every request for an answer has."""

    key: str | None
    """The Idempotency-Key, if there is one."""
    trace: TraceContext | None = None
    """What the whole answer is traced as, unless the prompt was recorded before."""
    request_id: str = ""
    """The gateway's name of the request."""
    budget_claim: BudgetLimits | None = None
    """The limits that the user's token brings."""
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """Takes prompts, durably before it says so, and once per Idempotency-Key."""

    acceptance: Acceptance
    archive: Archive
    formats: Formats
    attachments: Attaching
    limits: Limits
    queueing: Queueing
    options: GenerateOptions

    def submit(self, asked: GenerateRequest, request: Request) -> Generation:
        """Record a prompt and queue it, or let it wait in its chat's queue.

        Raises:
            Invalid: If it names a model that the deployment does not allow, or a parent that is no answer of
                the chat.
            KeyReused: If the key came with another request before.
            TooMany: If the user asks for more than one user may; a repeated key is no further prompt.
            Busy, StaleParent, BudgetExceeded: See `Acceptance.accept`.
            Unavailable: If the prompt could not be recorded and queued; asking again is safe.
        """
        generation_id = generation_id_of(asked.user_id, request.key)
        proposed = self._proposed(generation_id, asked.user_id, asked.chat_id, asked.model, request)
        wanted = response_format(asked.response_format)
        proposed = replace(
            proposed,
            request_hash=asked.fingerprint(),
            prompt_id=prompt_id_of(generation_id),
            has_format=wanted is not None,
            attachments=tuple(asked.attachments or ()),
        )

        def asks() -> Asked:
            return Asked(
                generation=proposed,
                attachment_tokens=self._attachment_tokens(proposed, now=request.now),
                prompt=asked.prompt,
                response_format=wanted,
                parent=parent_of(asked, self.archive, now=request.now),
                on_busy=OnBusy(asked.on_busy or OnBusy.REJECT),
                on_stale=OnStale(asked.on_stale or OnStale.FORK),
            )

        try:
            return self._accepted(proposed, request, asks)
        except ReferenceGone:
            raise unusable("parent_id", NO_PARENT) from None

    def regenerate(self, former: Generation, asked: RegenerateRequest, request: Request) -> Generation:
        """Answer a question anew, beside the answer that it has and in the same form.

        Raises:
            Busy: If that answer is being made, or another one of its chat.
            NotFound: If there is no such answer, or its chat was deleted meanwhile.
            Invalid, KeyReused, TooMany, BudgetExceeded, Unavailable: As `submit`.
        """
        generation_id = generation_id_of(former.user_id, request.key)
        model = asked.model or former.model
        proposed = self._proposed(generation_id, former.user_id, former.chat_id, model, request)
        proposed = replace(
            proposed,
            request_hash=asked.fingerprint(former.generation_id),
            prompt_id=former.prompt_id,
            prompt_number=former.prompt_number,
            parent_id=former.parent_id,
            is_regenerated=True,
            has_format=former.has_format,
            attachments=former.attachments,
        )

        def asks() -> Asked:
            check_answered(former)
            return Asked(
                generation=proposed,
                attachment_tokens=self._attachment_tokens(proposed, now=request.now),
                response_format=self.formats.response_format(former),
                on_busy=OnBusy(asked.on_busy or OnBusy.REJECT),
            )

        try:
            return self._accepted(proposed, request, asks)
        except ReferenceGone:
            raise NotFound("There is no such answer.") from None

    def _attachment_tokens(self, proposed: Generation, *, now: datetime) -> int:
        """Estimate what a prompt's attachments take.

        Raises:
            Invalid: If one cannot be sent to its model.
        """
        ids, model = proposed.attachments, proposed.model
        named = self.attachments.named(proposed.user_id, proposed.chat_id, ids, model=model, now=now)
        return sum(each.tokens for each in named)

    def _proposed(
        self, generation_id: str, user_id: str, chat_id: str, model: str | None, request: Request
    ) -> Generation:
        chosen, allowed = model or self.options.default_model_name, self.options.model_names
        if chosen not in allowed:
            raise unusable("model", f"must be one of: {', '.join(sorted(allowed))}")
        note(generation_id=generation_id)
        return Generation(
            generation_id=generation_id,
            user_id=user_id,
            chat_id=chat_id,
            model=chosen,
            status=Status.QUEUED,
            attempt=0,
            created_at=request.now,
            start_by=request.now + self.options.queue_deadline,
            expires_at=request.now + self.options.retention,
            request_hash="",
            trace=request.trace,
            request_id=request.request_id,
        )

    def _accepted(self, proposed: Generation, request: Request, asks: Callable[[], Asked]) -> Generation:
        """Return what was accepted under this id before, or else accept it, if the user may have one more."""
        now = request.now
        before = self.archive.find(proposed.generation_id, now=now) if request.key is not None else None
        check_same(before, proposed)
        if before is not None and not before.withdrawn:
            self.queueing.ensure_queued(before, now=now)
            return before
        self.limits.admit(proposed.user_id, proposed.generation_id, now=now)
        asked = replace(asks(), budget_claim=request.budget_claim)
        if before is not None:
            again = accepted_again(asked.generation, before, now=now)
            asked = replace(asked, generation=again, withdrawn=before)
        recorded = self.acceptance.accept(asked, now=now)
        check_same(recorded.generation, proposed)
        if not recorded.is_new:
            self.queueing.ensure_queued(recorded.generation, now=now)
        elif not recorded.generation.waits:
            self.queueing.queue_new(recorded.generation, now=now)
        return recorded.generation
