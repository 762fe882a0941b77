"""How chats, their messages and their queues are told over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions.shared.times import rfc3339
from functions.shared.wire.context import context_of
from functions.shared.wire.usage import usage_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from functions.generate.chat_history import Told
    from functions.generate.waiting_prompts import Waiting
    from functions.shared.chats.model import Chat, ChatMessage
    from functions.shared.generations.model import Outcome
    from functions.shared.wire import chat_bodies as wire


def chat_body(chat: Chat) -> wire.Chat:
    """A chat without its messages."""
    return {
        "chat_id": chat.chat_id,
        "title": chat.title,
        "version": chat.version,
        "created_at": rfc3339(chat.created_at),
        "updated_at": rfc3339(chat.updated_at),
        "leaf_id": chat.leaf or None,
        "running": chat.running or None,
        "waiting": len(chat.waiting),
    }


def message_body(told: Told) -> wire.ChatMessage:
    """A question or an answer."""
    message = told.message
    body: wire.ChatMessage = {
        "message_id": message.message_id,
        "parent_id": message.parent_id or None,
        "number": message.number,
        "role": message.role.value,
        "text": told.text,
        "generation_id": message.generation_id,
        "created_at": rfc3339(message.created_at),
    }
    if message.attachments:
        body["attachments"] = list(message.attachments)
    if message.outcome is not None:
        _add_end(body, message, message.outcome)
    return body


def _add_end(body: wire.ChatMessage, answer: ChatMessage, outcome: Outcome) -> None:
    failure = outcome.failure
    body["status"] = outcome.status
    body["attempt"] = answer.attempt
    body["model"] = answer.model
    body["finish_reason"] = outcome.finish_reason
    body["usage"] = usage_of(outcome)
    body["cost"] = outcome.cost
    body["context"] = context_of(outcome)
    if outcome.answered_by:
        body["answered_by"] = outcome.answered_by
    body["error"] = failure.sentence if failure else None
    body["code"] = failure.code if failure else None
    body["retryable"] = failure.retryable if failure else None
    if outcome.has_parts:
        body["has_parts"] = True


def queue_body(chat: Chat, waiting: Iterable[Waiting]) -> wire.ChatQueue:
    """What waits in a chat."""
    return {
        "is_paused": chat.is_paused,
        "waiting": [
            {
                "generation_id": each.generation_id,
                "prompt": each.prompt,
                "created_at": rfc3339(each.created_at),
            }
            for each in waiting
        ],
    }
