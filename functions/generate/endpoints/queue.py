"""Where users change what waits in a chat's queue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions.generate.body_reading import check_size
from functions.generate.chat_bodies import queue_body
from functions.generate.chat_news import News
from functions.generate.chat_requests import PromptChange, chat_id_in
from functions.generate.endpoints.chats import CHAT
from functions.generate.problems import NotFound
from functions.generate.routes import route
from functions.shared.budgets.refusals import BudgetExceeded
from functions.shared.budgets.token_limits import claimed_limits
from functions.shared.times import rfc3339
from functions.shared.wire.chat_bodies import ChatQueueChanged

if TYPE_CHECKING:
    from functions.generate.api import Api
    from functions.generate.routes import Call
    from functions.shared.chats.model import Chat

QUEUE = CHAT + "/queue"
WAITING = QUEUE + "/(?P<id>[0-9a-f]{32})"


@route("PATCH", WAITING, takes=PromptChange, returns=ChatQueueChanged, refuses=(NotFound, BudgetExceeded))
def edit_waiting_prompt(api: Api, call: Call, request: PromptChange) -> ChatQueueChanged:
    """Replace a prompt that waits."""
    check_size(request, max_prompt_bytes=api.settings.max_prompt_bytes)
    chat_id, generation_id = chat_id_in(call.path["chat_id"]), call.path["id"]
    _, change = api.chat_changes.edit_waiting(
        call.user_id,
        chat_id,
        generation_id,
        request.prompt,
        claim=claimed_limits(call.bearer),
        now=call.now,
    )
    news = News(
        event="queue_edited",
        user_id=call.user_id,
        chat_id=chat_id,
        version=change.after.version,
        generation_id=generation_id,
        text=request.prompt,
        position=change.after.waiting.index(generation_id),
    )
    api.chat_news.tell(news, now=call.now)
    return _queue(api, call, change.after)


@route("DELETE", WAITING, returns=ChatQueueChanged, refuses=(NotFound,))
def remove_waiting_prompt(api: Api, call: Call) -> ChatQueueChanged:
    """Take a prompt that waits out of the queue."""
    return _queue(api, call, remove(api, call, chat_id_in(call.path["chat_id"]), call.path["id"]))


def remove(api: Api, call: Call, chat_id: str, generation_id: str) -> Chat:
    """Take a prompt out of the queue, and tell it. Returns the chat.

    Raises:
        NotFound: If it does not wait.
    """
    _, change = api.chat_changes.remove_waiting(call.user_id, chat_id, generation_id, now=call.now)
    news = News(
        event="unqueued",
        user_id=call.user_id,
        chat_id=chat_id,
        version=change.after.version,
        generation_id=generation_id,
    )
    api.chat_news.tell(news, now=call.now)
    return change.after


@route("POST", QUEUE + "/resume", returns=ChatQueueChanged, refuses=(NotFound,))
def resume_queue(api: Api, call: Call) -> ChatQueueChanged:
    """Let the prompts that wait go on, after an answer was stopped."""
    chat_id = chat_id_in(call.path["chat_id"])
    # Its own reminder, since this request may die between its two writes.
    for generation_id in api.chat_changes.find(call.user_id, chat_id, now=call.now).waiting[:1]:
        api.queueing.queue.remind(generation_id)
    before, change = api.chat_changes.resume(call.user_id, chat_id, now=call.now)
    try:
        if change.following:
            api.queueing.queue_resumed(change.following, now=call.now)
        elif change.after.running:
            api.queueing.ensure_resumed(change.after.running, now=call.now)
    finally:
        if change.after != before:
            # What it lets out of the queue is a change of its own, which its worker tells.
            version = before.version + 1
            news = News(event="queue_resumed", user_id=call.user_id, chat_id=chat_id, version=version)
            api.chat_news.tell(news, now=call.now)
    return _queue(api, call, change.after)


def _queue(api: Api, call: Call, chat: Chat) -> ChatQueueChanged:
    waiting = api.waiting_prompts.of(chat, now=call.now)
    return {
        **queue_body(chat, waiting),
        "chat_version": chat.version,
        "timestamp": rfc3339(call.now),
    }
