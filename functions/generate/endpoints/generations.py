"""Where generations are read and cancelled."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from functions.generate.endpoints import queue
from functions.generate.pages import LARGEST, page_of
from functions.generate.parameters import QueryNumber
from functions.generate.parts import fitting, listed, size_of_parts
from functions.generate.problems import NotFound, TooManyThisMinute
from functions.generate.routes import route
from functions.shared.log_context import note
from functions.shared.times import rfc3339
from functions.shared.wire.context import context_of
from functions.shared.wire.generation_bodies import Cancelling, GenerationState
from functions.shared.wire.usage import usage_of

if TYPE_CHECKING:
    from datetime import datetime

    from functions.generate.api import Api
    from functions.generate.pages import Page
    from functions.generate.routes import Call
    from functions.shared.generations.model import Generation
    from functions.shared.generations.parts import StoredPart

PATH = "/api/chat/generations/(?P<id>[0-9a-f]{32})"
OFFSET = QueryNumber(name="offset", description="Give the text from this many Unicode code points on.")
ATTEMPT = QueryNumber(
    name="attempt", description="The attempt that `offset` is of; with another than the current one it is 0."
)


@route(
    "GET",
    PATH,
    returns=GenerationState,
    parameters=(OFFSET, ATTEMPT),
    refuses=(NotFound, TooManyThisMinute),
)
def read(api: Api, call: Call) -> GenerationState:
    """Give a generation and its text from an offset on, as much as one reply may carry."""
    note(generation_id=call.path["id"])
    now, user_id = call.now, call.user_id
    api.read_limit.admit(user_id, now=now)
    api.read_limit.charge(user_id, now=now)
    generation = api.user_generations.find(call.path["id"], user_id=user_id, now=now)
    api.queueing.requeue_if_stranded(generation, now=now)
    offset = OFFSET.of(call.query, 0)
    if ATTEMPT.of(call.query, generation.attempt) != generation.attempt:
        offset = 0
    parts = stored_parts(api, generation)
    size = size_of_parts(parts)
    page = page_of(api.texts.pieces(generation, offset), offset=offset, room=LARGEST - size)
    if page.has_more:
        page = replace(page, length=api.texts.length(generation))
    api.read_limit.charge(user_id, page.text, size=size, now=now)
    described = state(generation, page, offset=offset, now=now)
    return described | {"parts": listed(parts, length=page.length)} if parts else described


def stored_parts(api: Api, generation: Generation) -> list[StoredPart]:
    """Read the parts of an answer besides its text. Before its end it is not known whether there are any."""
    may_have_parts = generation.outcome.has_parts if generation.outcome else generation.attempt > 0
    return fitting(api.texts.parts(generation)) if may_have_parts else []


def state(generation: Generation, page: Page, *, offset: int, now: datetime) -> GenerationState:
    """Describe a generation, with the part of its stored text that begins at `offset` (code points)."""
    outcome = generation.outcome
    failure = outcome.failure if outcome else None
    body: GenerationState = {
        "generation_id": generation.generation_id,
        "user_id": generation.user_id,
        "chat_id": generation.chat_id,
        "status": generation.status,
        "attempt": generation.attempt,
        "offset": offset,
        "text": page.text,
        "next_offset": offset + len(page.text),
        "has_more": page.has_more,
        "length": page.length,
        "model": generation.model,
        "finish_reason": outcome.finish_reason if outcome else None,
        "usage": usage_of(outcome),
        "error": failure.sentence if failure else None,
        "code": failure.code if failure else None,
        "retryable": failure.retryable if failure else None,
        "created_at": rfc3339(generation.created_at),
        "parent_message_id": generation.prompt_id or None,
        "chat_version": generation.number or generation.chat_version or None,
        "waits": generation.waits,
        "cost": outcome.cost if outcome else None,
        "context": context_of(outcome),
        "timestamp": rfc3339(now),
    }
    if outcome and outcome.answered_by:
        body["answered_by"] = outcome.answered_by
    return body


@route("POST", PATH + "/cancel", returns=Cancelling, status=202, refuses=(NotFound,))
def cancel(api: Api, call: Call) -> Cancelling:
    """Stop a generation."""
    generation_id, user_id, now = call.path["id"], call.user_id, call.now
    note(generation_id=generation_id)
    found = api.user_generations.find(generation_id, user_id=user_id, now=now)
    if found.waits:
        with suppress(NotFound):  # Its turn has come meanwhile.
            queue.remove(api, call, found.chat_id, generation_id)
    api.user_generations.cancel(generation_id, user_id=user_id, now=now)
    generation = api.user_generations.find(generation_id, user_id=user_id, now=now)
    return {
        "generation_id": generation.generation_id,
        "user_id": generation.user_id,
        "chat_id": generation.chat_id,
        "status": generation.status,
        "timestamp": rfc3339(now),
    }
