"""A message in the queue of reminders that brings the deletion of a chat to mind. It carries ids."""

from __future__ import annotations

import json
from dataclasses import dataclass

VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Deletion:
    """Names a deletion."""

    user_id: str
    chat_id: str
    version: int
    """The chat's version that it made."""


@dataclass(frozen=True, slots=True)
class DeletionReminder:
    """A deletion to look at."""

    deletion: Deletion
    is_last: bool
    """Whether no worker lives any more that was there when the chat was deleted."""


def message_of(reminder: DeletionReminder) -> str:
    """Write a message."""
    deletion = reminder.deletion
    told = {"user_id": deletion.user_id, "chat_id": deletion.chat_id, "version": deletion.version}
    return json.dumps({"version": VERSION, "deletion": {**told, "is_last": reminder.is_last}})


def deletion_from(body: str) -> DeletionReminder | None:
    """Read a message; None if it is about something else.

    Raises:
        ValueError: If it is no JSON, or of a version that we do not know.
    """
    message = json.loads(body)
    if not isinstance(message, dict) or "deletion" not in message:
        return None
    if message.get("version") != VERSION:
        raise ValueError("not a message of a known version")
    told = message["deletion"]
    deletion = Deletion(user_id=told["user_id"], chat_id=told["chat_id"], version=told["version"])
    return DeletionReminder(deletion, told["is_last"])
