"""Lets the next prompt out of a chat's queue, in the transaction that made room for it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from functions.shared.chats.heads import may_release, released
from functions.shared.chats.items import message_item
from functions.shared.chats.model import ChatMessage, Role
from functions.shared.dynamodb import waiting_key
from functions.shared.generations import transitions
from functions.shared.transactions import delete, put

if TYPE_CHECKING:
    from datetime import datetime

    from functions.shared.chats.model import Chat
    from functions.shared.chats.reader import ChatReader
    from functions.shared.generations.model import Generation
    from functions.shared.generations.reader import GenerationReader
    from functions.shared.transactions import Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Releases:
    """Knows what waits."""

    chats: ChatReader
    archive: GenerationReader

    def next(self, chat: Chat, *, now: datetime) -> tuple[Chat, str, list[Entry]]:
        """Release the first waiting prompt, if nothing runs and the queue is not paused.

        Returns the chat afterwards, the generation that needs a message now (empty if there is none), and
        what is to be written besides the head. What waited and is gone is passed over.
        """
        if not may_release(chat):
            return chat, "", []
        for place, generation_id in enumerate(chat.waiting):
            waiting = self.archive.find(generation_id, now=now)
            if waiting is not None and waiting.waits:
                after = released(chat, waiting, behind=place, now=now)
                return after, generation_id, self._entries(chat, after, waiting, now)
        return replace(chat, waiting=()), "", []

    def _entries(self, chat: Chat, after: Chat, waiting: Generation, now: datetime) -> list[Entry]:
        if waiting.is_regenerated:
            return [transitions.dequeue(replace(waiting, chat_version=after.version), now=now)]
        user_id, chat_id, generation_id = chat.user_id, chat.chat_id, waiting.generation_id
        text = self.chats.waiting_prompt(user_id, chat_id, generation_id, now=now)
        parent_id, parent_number = waiting.parent_id, waiting.parent_number
        if parent_number is None:
            parent_id, parent_number = chat.leaf, chat.leaf_number
        message = ChatMessage(
            number=after.version,
            message_id=waiting.prompt_id,
            parent_id=parent_id,
            parent_number=parent_number,
            role=Role.USER,
            generation_id=generation_id,
            created_at=now,
            expires_at=waiting.expires_at,
            text=text or "",
            attachments=waiting.attachments,
        )
        placed = replace(
            waiting, prompt_number=after.version, parent_id=parent_id, chat_version=after.version
        )
        return [
            transitions.dequeue(placed, now=now),
            put("prompt", message_item(user_id, chat_id, message)),
            delete("waiting", waiting_key(user_id, chat_id, generation_id), "attribute_exists(pk)"),
        ]
