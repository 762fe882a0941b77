"""How chats lie in the table: heads in their user's partition, and each chat's messages in one of its own."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from functions.shared.attachments.items import ids_from, ids_item
from functions.shared.chats.model import Chat, ChatMessage, Role
from functions.shared.dynamodb import (
    MESSAGE,
    Item,
    head_key,
    message_key,
    moment_from_milliseconds,
    moment_of,
    n,
    number_of,
    s,
    text_of,
    waiting_key,
)
from functions.shared.generations.model import Status
from functions.shared.generations.outcomes import attributes_of, outcome_from
from functions.shared.times import epoch_milliseconds, epoch_seconds
from functions.shared.transactions import put

if TYPE_CHECKING:
    from datetime import datetime

    from functions.shared.transactions import Entry


def head_item(chat: Chat) -> Item:
    """Write a head."""
    flags = {
        "paused": chat.is_paused,
        "interrupting": chat.is_interrupting,
        "deleted": chat.is_deleted,
    }
    return (
        head_key(chat.user_id, chat.chat_id)
        | {
            "user_id": s(chat.user_id),
            "title": s(chat.title),
            "version": n(chat.version),
            "created_at": n(epoch_milliseconds(chat.created_at)),
            "updated_at": n(epoch_milliseconds(chat.updated_at)),
            "leaf": s(chat.leaf),
            "leaf_number": n(chat.leaf_number),
            "leaf_tokens": n(chat.leaf_tokens),
            "begun_after": n(chat.begun_after),
            "running": s(chat.running),
            "waiting": {"L": [s(generation_id) for generation_id in chat.waiting]},
            "expires_at": n(epoch_seconds(chat.expires_at)),
        }
        | {name: {"BOOL": True} for name, is_set in flags.items() if is_set}
    )


def head_entry(before: Chat | None, after: Chat, *, now: datetime) -> Entry:
    """Put a head, if it is still as it was read."""
    if before is None:
        is_free = "attribute_not_exists(pk) OR expires_at <= :now"
        return put("head", head_item(after), is_free, {":now": n(epoch_seconds(now))})
    return put("head", head_item(after), "version = :before", {":before": n(before.version)})


def chat_from(item: Item) -> Chat:
    """Read a head."""
    waiting = item.get("waiting", {}).get("L", [])
    return Chat(
        user_id=text_of(item, "user_id"),
        chat_id=text_of(item, "sk").removeprefix("CHAT#"),
        title=text_of(item, "title"),
        version=number_of(item, "version"),
        created_at=moment_from_milliseconds(number_of(item, "created_at")),
        updated_at=moment_from_milliseconds(number_of(item, "updated_at")),
        expires_at=moment_of(item, "expires_at"),
        leaf=text_of(item, "leaf"),
        leaf_number=number_of(item, "leaf_number"),
        leaf_tokens=number_of(item, "leaf_tokens"),
        begun_after=number_of(item, "begun_after"),
        running=text_of(item, "running"),
        waiting=tuple(each["S"] for each in waiting),
        is_paused="paused" in item,
        is_interrupting="interrupting" in item,
        is_deleted="deleted" in item,
    )


def message_item(user_id: str, chat_id: str, message: ChatMessage) -> Item:
    """Write a message."""
    item = message_key(user_id, chat_id, message.number) | {
        "message_id": s(message.message_id),
        "parent_id": s(message.parent_id),
        "parent_number": n(message.parent_number),
        "role": s(message.role),
        "generation_id": s(message.generation_id),
        "created_at": n(epoch_milliseconds(message.created_at)),
        "expires_at": n(epoch_seconds(message.expires_at)),
    }
    if message.outcome is None:
        return item | {"text": s(message.text)} | ids_item(message.attachments)
    answered = {"attempt": n(message.attempt), "model": s(message.model)}
    return item | answered | attributes_of(message.outcome)


def message_from(item: Item) -> ChatMessage:
    """Read a message."""
    role = Role(text_of(item, "role"))
    message = ChatMessage(
        number=int(text_of(item, "sk").removeprefix(MESSAGE)),
        message_id=text_of(item, "message_id"),
        parent_id=text_of(item, "parent_id"),
        parent_number=number_of(item, "parent_number"),
        role=role,
        generation_id=text_of(item, "generation_id"),
        created_at=moment_from_milliseconds(number_of(item, "created_at")),
        expires_at=moment_of(item, "expires_at"),
        text=text_of(item, "text"),
        attachments=ids_from(item),
    )
    if role is Role.USER:
        return message
    return replace(
        message,
        attempt=number_of(item, "attempt"),
        model=text_of(item, "model"),
        outcome=outcome_from(item, Status(text_of(item, "status"))),
    )


def waiting_item(user_id: str, chat_id: str, generation_id: str, text: str, *, expires_at: datetime) -> Item:
    """Write a prompt that waits."""
    expiry = {"expires_at": n(epoch_seconds(expires_at))}
    return waiting_key(user_id, chat_id, generation_id) | {"text": s(text)} | expiry
