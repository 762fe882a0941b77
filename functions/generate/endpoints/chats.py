"""Where users list, read, rename and delete their chats."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from functions.generate.chat_bodies import chat_body, message_body, queue_body
from functions.generate.chat_list import CURSOR, chat_list
from functions.generate.chat_news import News
from functions.generate.chat_requests import TitleChange, chat_id_in
from functions.generate.pages import LARGEST, size_of
from functions.generate.parameters import QueryNumber, QueryText
from functions.generate.problems import NotFound, TooManyThisMinute
from functions.generate.routes import route
from functions.shared import aws
from functions.shared.errors import Unavailable
from functions.shared.times import rfc3339
from functions.shared.wire.chat_bodies import Chat, ChatDeleted, ChatMessages, Chats

if TYPE_CHECKING:
    from functions.generate.api import Api
    from functions.generate.routes import Call

PATH = "/api/chat/chats"
CHAT = PATH + "/(?P<chat_id>[^/]+)"
HEAD_BYTES = 400
"""Of a head, about."""
MESSAGE_BYTES = 400
"""Of a message besides its text, about."""
CHATS = QueryNumber(name="limit", description="How many chats to give: 50 unless said.", least=1, most=100)
BEFORE = QueryText(
    name="before",
    description="Give the chats that come after those of the reply whose `next` this is.",
    pattern=CURSOR,
    rule="must be what `next` said",
)
SINCE = QueryNumber(name="since", description="Give messages with higher numbers than this.")
MESSAGES = QueryNumber(
    name="limit", description="How many messages to give at most: 100 unless said.", least=1, most=500
)
LEAF = QueryText(
    name="leaf",
    description="Give the messages of the path that ends with this one, and no others.",
    pattern="[0-9a-f]{32}",
    rule="must be the id of a message",
)


@route("GET", PATH, returns=Chats, parameters=(CHATS, BEFORE), refuses=(TooManyThisMinute,))
def list_chats(api: Api, call: Call) -> Chats:
    """List the user's chats."""
    now, user_id = call.now, call.user_id
    api.read_limit.admit(user_id, now=now)
    limit, before = CHATS.of(call.query, 50), BEFORE.of(call.query)
    page = chat_list(api.chats.heads(user_id, now=now), before=before, limit=limit)
    api.read_limit.charge(user_id, size=HEAD_BYTES * page.seen, now=now)
    return {
        "user_id": user_id,
        "chats": [chat_body(chat) for chat in page.chats],
        "next": page.following,
        "timestamp": rfc3339(now),
    }


@route(
    "GET",
    CHAT + "/messages",
    returns=ChatMessages,
    parameters=(SINCE, MESSAGES, LEAF),
    refuses=(NotFound, TooManyThisMinute),
)
def list_messages(api: Api, call: Call) -> ChatMessages:
    """Give a chat, what waits in it, and its messages, as many as one reply may carry."""
    now, user_id = call.now, call.user_id
    api.read_limit.admit(user_id, now=now)
    api.read_limit.charge(user_id, now=now)
    since, limit, leaf = SINCE.of(call.query, 0), MESSAGES.of(call.query, 100), LEAF.of(call.query)
    chat = api.chat_changes.find(user_id, chat_id_in(call.path["chat_id"]), now=now)
    waiting = api.waiting_prompts.of(chat, now=now)
    taken = sum(size_of(each.prompt or "") for each in waiting)
    page = api.chat_history.page(chat, since=since, leaf=leaf, limit=limit, room=LARGEST - taken, now=now)
    api.read_limit.charge(user_id, size=taken + page.size + MESSAGE_BYTES * page.seen, now=now)
    return {
        "chat": chat_body(chat),
        "queue": queue_body(chat, waiting),
        "messages": [message_body(told) for told in page.messages],
        "next_since": page.next_since,
        "has_more": page.has_more,
        "timestamp": rfc3339(now),
    }


@route("PATCH", CHAT, takes=TitleChange, returns=Chat, refuses=(NotFound,))
def rename_chat(api: Api, call: Call, request: TitleChange) -> Chat:
    """Give a chat another title."""
    now, user_id = call.now, call.user_id
    chat_id = chat_id_in(call.path["chat_id"])
    before, change = api.chat_changes.rename(user_id, chat_id, request.title, now=now)
    chat = change.after
    if chat != before:
        news = News(event="title", user_id=user_id, chat_id=chat_id, version=chat.version, title=chat.title)
        api.chat_news.tell(news, now=now)
    return chat_body(chat)


@route("DELETE", CHAT, returns=ChatDeleted, refuses=(NotFound,))
def delete_chat(api: Api, call: Call) -> ChatDeleted:
    """Delete a chat with all of its questions and answers; stop what is being made."""
    now, user_id = call.now, call.user_id
    chat_id = chat_id_in(call.path["chat_id"])
    deletion = api.chat_deletion.begin(user_id, chat_id, now=now)
    news = News(event="deleted", user_id=user_id, chat_id=chat_id, version=deletion.version)
    api.chat_news.tell(news, now=now)
    # It is recorded: what fails now, a reminder does.
    with suppress(Unavailable), aws.outages():
        api.chat_deletion.carry_on(deletion, now=now)
    return {"chat_id": chat_id, "version": deletion.version, "timestamp": rfc3339(now)}
