"""What a request for an answer proposes: a generation as it is recorded, if nothing is in the way."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from functions.generate.idempotency import generation_id_of
from functions.generate.problems import unusable
from functions.shared.chats.model import prompt_id_of
from functions.shared.generations.model import Generation, Status
from functions.shared.log_context import note

if TYPE_CHECKING:
    from datetime import datetime

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


def proposed_answer(asked: GenerateRequest, request: Request, options: GenerateOptions) -> Generation:
    """Propose the answer to a prompt.

    Raises:
        Invalid: If it names a model that the deployment does not allow.
    """
    proposed = _proposed(asked.user_id, asked.chat_id, asked.model, request, options)
    return replace(
        proposed,
        request_hash=asked.fingerprint(),
        prompt_id=prompt_id_of(proposed.generation_id),
        attachments=tuple(asked.attachments or ()),
    )


def proposed_anew(
    former: Generation, asked: RegenerateRequest, request: Request, options: GenerateOptions
) -> Generation:
    """Propose another answer to a question, in the form of the one that it has.

    Raises:
        Invalid: If it names a model that the deployment does not allow.
    """
    return replace(
        _proposed(former.user_id, former.chat_id, asked.model or former.model, request, options),
        request_hash=asked.fingerprint(former.generation_id),
        prompt_id=former.prompt_id,
        prompt_number=former.prompt_number,
        parent_id=former.parent_id,
        is_regenerated=True,
        has_format=former.has_format,
        attachments=former.attachments,
    )


def _proposed(
    user_id: str, chat_id: str, model: str | None, request: Request, options: GenerateOptions
) -> Generation:
    generation_id = generation_id_of(user_id, request.key)
    chosen, allowed = model or options.default_model_name, options.model_names
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
        start_by=request.now + options.queue_deadline,
        expires_at=request.now + options.retention,
        request_hash="",
        trace=request.trace,
        request_id=request.request_id,
    )
