"""Accepts each prompt once: recorded under its Idempotency-Key, counted against its user's limits, queued."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from functions.generate.idempotency import accepted_again, check_same
from functions.generate.parents import NO_PARENT, check_answered, parent_of
from functions.generate.problems import NotFound, unusable
from functions.generate.prompt_request import OnBusy, OnStale, PromptRequest, ReferenceGone
from functions.generate.proposals import proposed_anew, proposed_answer
from functions.generate.response_formats import response_format

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from functions.generate.acceptance import Acceptance
    from functions.generate.ports import Archive, Attaching, Formats, Limits
    from functions.generate.proposals import Request
    from functions.generate.queueing import Queueing
    from functions.generate.requests import GenerateRequest, RegenerateRequest
    from functions.generate.settings import GenerateOptions
    from functions.shared.generations.model import Generation


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
        proposed = proposed_answer(asked, request, self.options)
        wanted = response_format(asked.response_format)
        proposed = replace(proposed, has_format=wanted is not None)

        def asks() -> PromptRequest:
            return PromptRequest(
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
        proposed = proposed_anew(former, asked, request, self.options)

        def asks() -> PromptRequest:
            check_answered(former)
            return PromptRequest(
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

    def _accepted(
        self, proposed: Generation, request: Request, asks: Callable[[], PromptRequest]
    ) -> Generation:
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
