"""A chat: its head, which each change replaces, and its messages, which are only added."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from functions.shared.generations.model import Outcome

ROOT = ""
"""The parent of a first message."""


class Role(StrEnum):
    """Who wrote a message."""

    USER = "user"
    ASSISTANT = "assistant"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chat:
    """The head of a chat. Its version grows with each change; a message's number is the version it made."""

    user_id: str
    chat_id: str
    title: str = field(repr=False)
    """At first, the beginning of its first prompt."""
    created_at: datetime
    updated_at: datetime
    expires_at: datetime
    version: int = 0
    """0: it is not recorded yet."""
    leaf: str = ROOT
    """The last message of the path that was continued last; an assistant's, or ROOT."""
    leaf_number: int = 0
    leaf_tokens: int = 0
    """Tokens of the conversation up to the leaf, as the provider counted them; 0: it did not."""
    running: str = ""
    """The generation that is being made; empty if none is."""
    waiting: tuple[str, ...] = ()
    """The generations whose prompts wait in the chat's queue, in order."""
    is_paused: bool = False
    """Whether the queue is not drained by the end of what runs."""
    is_interrupting: bool = False
    """Whether the running generation was cancelled to make room: that does not pause the queue."""
    is_deleted: bool = False
    begun_after: int = 0
    """The version at which a former chat of this id was deleted: no number up to it is of this one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatMessage:
    """One message. An assistant's is a generation that has ended; its text is stored with that."""

    number: int
    message_id: str
    parent_id: str
    parent_number: int
    role: Role
    generation_id: str
    """The generation that it is, or for whose making it was sent."""
    created_at: datetime
    expires_at: datetime
    text: str = field(default="", repr=False)
    """Of a user."""
    attachments: tuple[str, ...] = ()
    """Their ids. Of a user."""
    attempt: int = 0
    """The attempt that the answer's text belongs to."""
    model: str = ""
    outcome: Outcome | None = None
    """How the answer ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What stands for the turns of a path up to a message, but for the first turn, which stays."""

    number: int
    """Of the answer with which the last of these turns ends."""
    message_id: str
    """That answer's."""
    turns: int
    """How many they are."""
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Ended:
    """What an end made of its chat."""

    chat_version: int = 0
    """0: the generation is of no chat, or of one that was deleted."""
    following: str = ""
    """The generation whose prompt left the queue: it needs a message."""


def prompt_id_of(generation_id: str) -> str:
    """Return the id of the user's message with which a generation was asked for."""
    return hashlib.sha256(f"prompt\0{generation_id}".encode()).hexdigest()[:32]
