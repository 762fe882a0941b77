"""Where prompts come in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions.generate.body_reading import check_size
from functions.generate.chat_news import News
from functions.generate.parameters import Header
from functions.generate.problems import (
    Busy,
    KeyReused,
    NotFound,
    StaleParent,
    TooManyAtOnce,
    TooManyThisMinute,
)
from functions.generate.proposals import Request
from functions.generate.requests import GenerateRequest, RegenerateRequest
from functions.generate.routes import route
from functions.shared.budgets.refusals import BudgetExceeded
from functions.shared.budgets.token_limits import claimed_limits
from functions.shared.errors import Forbidden
from functions.shared.generations.model import Status
from functions.shared.times import rfc3339
from functions.shared.wire.generation_bodies import Accepted

if TYPE_CHECKING:
    from datetime import datetime

    from functions.generate.api import Api
    from functions.generate.routes import Call
    from functions.shared.generations.model import Generation

PATH = "/api/chat/generate-response"
ACCEPTING = ("/generate-response", "/regenerate")
KEY = Header(
    name="Idempotency-Key",
    description="Makes a repetition safe: the same user and key is the same generation.",
    pattern=r"[\x21-\x7e]{1,255}",
    rule="must be 1 to 255 printable ASCII characters without spaces",
)
REFUSES = (Busy, StaleParent, KeyReused, TooManyThisMinute, TooManyAtOnce, BudgetExceeded)


@route(
    "POST",
    PATH,
    takes=GenerateRequest,
    returns=Accepted,
    status=202,
    parameters=(KEY,),
    refuses=REFUSES,
    links={"read": "/generation_id", "cancel": "/generation_id"},
)
def generate(api: Api, call: Call, request: GenerateRequest) -> Accepted:
    """Accept a prompt."""
    check_size(request, max_prompt_bytes=api.settings.max_prompt_bytes)
    if request.user_id != call.user_id:
        raise Forbidden("user_id")
    generation = api.submission.submit(request, _request(api, call))
    _tell_waiting(api, generation, request.prompt, now=call.now)
    return _accepted(generation)


@route(
    "POST",
    "/api/chat/generations/(?P<id>[0-9a-f]{32})/regenerate",
    takes=RegenerateRequest,
    returns=Accepted,
    status=202,
    parameters=(KEY,),
    refuses=(*REFUSES, NotFound),
    links={"read": "/generation_id", "cancel": "/generation_id"},
)
def regenerate(api: Api, call: Call, request: RegenerateRequest) -> Accepted:
    """Answer the question of an answer anew."""
    if request.user_id != call.user_id:
        raise Forbidden("user_id")
    former = api.user_generations.find(call.path["id"], user_id=call.user_id, now=call.now)
    generation = api.submission.regenerate(former, request, _request(api, call))
    _tell_waiting(api, generation, None, now=call.now)
    return _accepted(generation)


def _request(api: Api, call: Call) -> Request:
    api.budget_watch.look(now=call.now)
    return Request(
        key=KEY.of(call.headers),
        trace=call.trace,
        request_id=call.request_id,
        budget_claim=claimed_limits(call.bearer),
        now=call.now,
    )


def _tell_waiting(api: Api, generation: Generation, prompt: str | None, *, now: datetime) -> None:
    """Tell what waits in its chat's queue. What does not is told by its worker, before the answer."""
    if generation.waits:
        news = News(
            event="queued",
            user_id=generation.user_id,
            chat_id=generation.chat_id,
            version=generation.chat_version,
            message_id=generation.prompt_id,
            generation_id=generation.generation_id,
            text=prompt,
            position=generation.position,
        )
        api.chat_news.tell(news, now=now)


def _accepted(generation: Generation) -> Accepted:
    """The same for the same key, whatever has happened since."""
    return {
        "generation_id": generation.generation_id,
        "user_id": generation.user_id,
        "chat_id": generation.chat_id,
        "status": Status.QUEUED,
        "message_id": generation.prompt_id,
        "parent_id": generation.parent_id or None,
        "chat_version": generation.chat_version,
        "waits": generation.waits,
        "position": generation.position if generation.waits else None,
        "budget_warning": generation.is_warned,
        "timestamp": rfc3339(generation.created_at),
    }
