"""Reads the messages of a chat, a page at a time: by their numbers, and the texts of answers beside them.

What is told is a snapshot of one version of the chat: what others add meanwhile comes with the next request.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

from functions.generate.concurrently import AT_ONCE, one_by_one
from functions.generate.pages import LARGEST, page_of, size_of
from functions.generate.problems import NotFound
from functions.shared.chats.model import Role

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from functions.generate.pages import Page
    from functions.generate.ports import AtOnce, Chats, Texts
    from functions.shared.chats.model import Chat, ChatMessage

FIELDS = 1000
"""Bytes of a message besides its text, at most."""


@dataclass(frozen=True, slots=True)
class Told:
    """A message with its text."""

    message: ChatMessage
    text: str | None = field(repr=False)
    """None: it is kept no longer, or no reply can carry it."""


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """Messages that follow each other, and where to go on."""

    messages: list[Told]
    next_since: int
    has_more: bool
    size: int
    """Bytes of the texts."""
    seen: int
    """How many messages were looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatHistory:
    """The messages of all chats."""

    chats: Chats
    texts: Texts
    at_once: AtOnce = one_by_one

    def page(
        self, chat: Chat, *, since: int, leaf: str | None, limit: int, room: int = LARGEST, now: datetime
    ) -> HistoryPage:
        """Read messages with higher numbers than `since`, as many as a reply may carry.

        With `leaf`, only those of the path that ends with it.

        Raises:
            NotFound: If the chat has no such leaf.
        """
        after = max(since, chat.begun_after)
        if leaf:
            messages, seen = self._path(chat, leaf, after, now)
        else:
            user_id, chat_id = chat.user_id, chat.chat_id
            found = self.chats.messages(
                user_id, chat_id, after=after, until=chat.version, page=limit + 1, now=now
            )
            messages = list(islice(found, limit + 1))
            seen = len(messages)
        told: list[Told] = []
        size = 0
        for each in self._told(messages[:limit]):
            needed = FIELDS + size_of(each.text or "")
            if told and size + needed > room:
                break
            told.append(each if needed <= room else Told(each.message, None))
            size += needed
        has_more = len(told) < len(messages)
        next_since = told[-1].message.number if has_more else chat.version
        return HistoryPage(told, next_since, has_more, size, seen)

    def _path(self, chat: Chat, leaf: str, after: int, now: datetime) -> tuple[list[ChatMessage], int]:
        """Follow parents from the leaf up, which have lower numbers. Returns how many were looked at, too."""
        path: list[ChatMessage] = []
        seen = 0
        for message in self.chats.messages(
            chat.user_id,
            chat.chat_id,
            after=chat.begun_after,
            until=chat.version,
            newest_first=True,
            now=now,
        ):
            seen += 1
            is_next = message.number == path[-1].parent_number if path else message.message_id == leaf
            if is_next:
                path.append(message)
            if path and path[-1].parent_number <= after:
                break
        if not path:
            raise NotFound("There is no such message in this chat.")
        return [message for message in reversed(path) if message.number > after], seen

    def _told(self, messages: list[ChatMessage]) -> Iterator[Told]:
        """Join messages with their texts, and read no further than the caller goes on."""
        for first in range(0, len(messages), AT_ONCE):
            several = messages[first : first + AT_ONCE]
            answers = [each for each in several if each.role is Role.ASSISTANT]
            pages = iter(self.at_once(self._text_of, answers))
            for message in several:
                if message.role is Role.USER:
                    yield Told(message, message.text)
                else:
                    yield Told(message, _kept(message, next(pages)))

    def _text_of(self, answer: ChatMessage) -> Page:
        return page_of(self.texts.pieces(answer, 0), offset=0)


def _kept(answer: ChatMessage, page: Page) -> str | None:
    """The text of an answer, if it is there and fits into a reply."""
    is_gone = answer.outcome is not None and answer.outcome.length > 0 and not page.text
    return None if page.has_more or is_gone else page.text
