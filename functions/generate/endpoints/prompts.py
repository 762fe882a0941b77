"""Where prompts come in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions.generate.parameters import Header
from functions.generate.problems import KeyReused, TooManyAtOnce, TooManyThisMinute
from functions.generate.requests import GenerateRequest, check_size
from functions.generate.routes import route
from functions.shared.errors import Forbidden
from functions.shared.generations.model import Status
from functions.shared.times import rfc3339
from functions.shared.wire.bodies import Accepted

if TYPE_CHECKING:
    from functions.generate.api import Api
    from functions.generate.routes import Call

PATH = "/api/chat/generate-response"
KEY = Header(
    name="Idempotency-Key",
    description="Makes a repetition safe: the same user and key is the same generation.",
    pattern=r"[\x21-\x7e]{1,255}",
    rule="must be 1 to 255 printable ASCII characters without spaces",
)


@route(
    "POST",
    PATH,
    takes=GenerateRequest,
    returns=Accepted,
    status=202,
    parameters=(KEY,),
    refuses=(KeyReused, TooManyThisMinute, TooManyAtOnce),
    links={"read": "/generation_id", "cancel": "/generation_id"},
)
def generate(api: Api, call: Call, request: GenerateRequest) -> Accepted:
    """Accept a prompt."""
    check_size(request, max_prompt_bytes=api.max_prompt_bytes)
    if request.user_id != call.user_id:
        raise Forbidden("user_id")
    generation = api.submission.submit(request, key=KEY.of(call.headers), now=call.now)
    # The same for the same key, whatever has happened since.
    return {
        "generation_id": generation.generation_id,
        "user_id": generation.user_id,
        "chat_id": generation.chat_id,
        "status": Status.QUEUED,
        "timestamp": rfc3339(generation.created_at),
    }
