"""The list of a user's chats, the one that changed last first, and where a page of it ends."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from heapq import nlargest
from typing import TYPE_CHECKING

from functions.generate.problems import BadRequest
from functions.shared.times import epoch_milliseconds

if TYPE_CHECKING:
    from collections.abc import Iterable

    from functions.shared.chats.model import Chat

CURSOR = r"([0-9]{1,15})\.([A-Za-z0-9_-]{2,800})"
"""When a chat changed last, in milliseconds, and its id."""


@dataclass(frozen=True, slots=True)
class ChatList:
    """A page of the list."""

    chats: list[Chat]
    following: str | None
    """The cursor of the page that follows; None if there is none."""
    seen: int
    """How many heads were looked at."""


def chat_list(heads: Iterable[Chat], *, before: str | None, limit: int) -> ChatList:
    """Choose a page: so many chats that come after the one that the cursor names.

    Raises:
        BadRequest: If that is no cursor.
    """
    last = _place_in(before) if before else None
    every = list(heads)
    chosen = [chat for chat in every if not chat.is_deleted and (last is None or _place(chat) < last)]
    page = nlargest(limit + 1, chosen, key=_place)
    following = _cursor(page[limit - 1]) if len(page) > limit else None
    return ChatList(page[:limit], following, len(every))


def _place(chat: Chat) -> tuple[int, str]:
    return epoch_milliseconds(chat.updated_at), chat.chat_id


def _cursor(chat: Chat) -> str:
    moment, chat_id = _place(chat)
    return f"{moment}.{base64.urlsafe_b64encode(chat_id.encode()).decode().rstrip('=')}"


def _place_in(cursor: str) -> tuple[int, str]:
    match = re.fullmatch(CURSOR, cursor)
    if match:
        encoded = match[2] + "=" * (-len(match[2]) % 4)
        try:
            return int(match[1]), base64.b64decode(encoded, altchars=b"-_", validate=True).decode()
        except ValueError:
            pass
    raise BadRequest("before must be what `next` said.")
