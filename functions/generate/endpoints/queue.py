"""Where users change what waits in a chat's queue."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from functions.generate.chat_bodies import queue_body
from functions.generate.chat_requests import PromptChange, chat_id_in
from functions.generate.endpoints.chats import CHAT
from functions.generate.problems import NotFound
from functions.generate.requests import check_size
from functions.generate.routes import route
from functions.shared.errors import Unavailable
from functions.shared.times import rfc3339
from functions.shared.wire.chat_bodies import ChatQueueChanged

if TYPE_CHECKING:
    from functions.generate.api import Api
    from functions.generate.routes import Call
    from functions.shared.chats.model import Chat

QUEUE = CHAT + "/queue"
WAITING = QUEUE + "/(?P<id>[0-9a-f]{32})"


@route("PATCH", WAITING, takes=PromptChange, returns=ChatQueueChanged, refuses=(NotFound,))
def edit_waiting_prompt(api: Api, call: Call, request: PromptChange) -> ChatQueueChanged:
    """Replace a prompt that waits."""
    check_size(request, max_prompt_bytes=api.settings.max_prompt_bytes)
    chat_id, generation_id = chat_id_in(call.path["chat_id"]), call.path["id"]
    _, change = api.chat_changes.edit_waiting(
        call.user_id, chat_id, generation_id, request.prompt, now=call.now
    )
    api.chat_news.tell(
        "queue_edited",
        user_id=call.user_id,
        chat_id=chat_id,
        version=change.after.version,
        generation_id=generation_id,
        text=request.prompt,
        now=call.now,
    )
    return _queue(api, call, change.after)


@route("DELETE", WAITING, returns=ChatQueueChanged, refuses=(NotFound,))
def remove_waiting_prompt(api: Api, call: Call) -> ChatQueueChanged:
    """Take a prompt that waits out of the queue."""
    chat_id, generation_id = chat_id_in(call.path["chat_id"]), call.path["id"]
    _, change = api.chat_changes.remove_waiting(call.user_id, chat_id, generation_id, now=call.now)
    api.chat_news.tell(
        "unqueued",
        user_id=call.user_id,
        chat_id=chat_id,
        version=change.after.version,
        generation_id=generation_id,
        now=call.now,
    )
    return _queue(api, call, change.after)


@route("POST", QUEUE + "/resume", returns=ChatQueueChanged, refuses=(NotFound,))
def resume_queue(api: Api, call: Call) -> ChatQueueChanged:
    """Let the prompts that wait go on, after an answer was stopped."""
    chat_id = chat_id_in(call.path["chat_id"])
    before, change = api.chat_changes.resume(call.user_id, chat_id, now=call.now)
    if change.following:
        # If that fails, whoever reads it queues it again: see Generation.is_stranded.
        with suppress(Unavailable):
            api.queueing.queue.send(change.following)
    if change.after != before:
        api.chat_news.tell(
            "queue_resumed",
            user_id=call.user_id,
            chat_id=chat_id,
            version=before.version + 1,
            now=call.now,
        )
    return _queue(api, call, change.after)


def _queue(api: Api, call: Call, chat: Chat) -> ChatQueueChanged:
    waiting = api.waiting_prompts.of(chat, now=call.now)
    return {
        **queue_body(chat, waiting),
        "chat_version": chat.version,
        "timestamp": rfc3339(call.now),
    }
