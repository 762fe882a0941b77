"""What is read of a user's chats: the chats themselves, their messages, and the prompts that wait."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, TypeVar

from framestream.api import NOT_OURS
from framestream.attachments import Attachment
from framestream.errors import NotOurs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from framestream.progress import Json

T = TypeVar("T")
USER, ASSISTANT = "user", "assistant"
ROOT = "root"
"""As a prompt's `parent_id`: a question that begins the chat anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chat:
    """A chat, as a list shows it."""

    chat_id: str
    title: str
    version: int
    """Each change of the chat makes the next one."""
    created_at: str
    updated_at: str
    leaf_id: str | None = None
    """The last message of the path that was answered last."""
    running: str | None = None
    """The id of the answer that is being made."""
    waiting: int = 0
    """How many prompts wait for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatMessage:
    """A question or an answer. The fields from `status` on are those of answers."""

    message_id: str
    parent_id: str | None
    """None: it begins the chat."""
    number: int
    """The version of the chat that it made."""
    role: str
    """user or assistant"""
    text: str | None
    """None: an answer's text is kept no longer, or is too long for a list; `client.generation` reads it."""
    generation_id: str
    created_at: str
    attachments: Sequence[str] = ()
    """What the question was sent with, as far as the server has told."""
    status: str | None = None
    """completed, cancelled (the text is incomplete) or failed"""
    attempt: int | None = None
    model: str | None = None
    """The one that was asked for."""
    answered_by: str | None = None
    """The model that answered, if that one was not available."""
    finish_reason: str | None = None
    usage: Json | None = None
    cost: int | None = None
    """In millionths of a dollar."""
    context: Json | None = None
    """What the model saw: `turns`, `summarised`, `dropped`."""
    error: str | None = None
    code: str | None = None
    retryable: bool | None = None
    has_parts: bool = False
    """There is more than text; `client.generation` reads it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingPrompt:
    """A prompt that waits until the chat's running answer has ended."""

    generation_id: str
    prompt: str | None
    """None: an answer is to be made anew, or the prompt is too long for a list."""
    created_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """The prompts that wait in a chat, in the order in which they are answered."""

    is_paused: bool = False
    """Whether they wait until the queue is resumed: an answer was cancelled."""
    waiting: tuple[WaitingPrompt, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatList:
    """Chats, those with the latest activity first."""

    chats: tuple[Chat, ...]
    next: str | None
    """What `before` is for the chats after these; None: there are no more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """Messages of a chat by their number, and the chat as it is."""

    chat: Chat
    queue: Queue
    messages: tuple[ChatMessage, ...]
    next_since: int
    has_more: bool


def chat_from(content: Json) -> Chat:
    """Read a chat."""
    return _read(Chat, content)


def attachment_from(content: Json) -> Attachment:
    """Read what an attachment is from a reply."""
    return _read(Attachment, content)


def list_from(content: Json) -> ChatList:
    """Read a list of chats."""
    chats = tuple(chat_from(each) for each in _listed(content, "chats"))
    return ChatList(chats=chats, next=content.get("next"))


def queue_from(content: Json) -> Queue:
    """Read a chat's queue."""
    waiting = tuple(_read(WaitingPrompt, each) for each in _listed(content, "waiting"))
    return Queue(is_paused=bool(content.get("is_paused")), waiting=waiting)


def history_from(content: Json) -> History:
    """Read a page of a chat's messages."""
    if not isinstance(content.get("chat"), dict) or not isinstance(content.get("queue"), dict):
        raise NotOurs(NOT_OURS)
    return History(
        chat=chat_from(content["chat"]),
        queue=queue_from(content["queue"]),
        messages=tuple(_read(ChatMessage, each) for each in _listed(content, "messages")),
        next_since=int(content.get("next_since") or 0),
        has_more=bool(content.get("has_more")),
    )


def _read(kind: type[T], content: Json) -> T:
    """Read what is known of an object; a later server may tell more."""
    names = {each.name for each in fields(kind)}  # type: ignore[arg-type]
    try:
        return kind(**{name: value for name, value in content.items() if name in names})
    except (AttributeError, TypeError) as error:
        raise NotOurs(NOT_OURS) from error


def _listed(content: Json, name: str) -> list[Any]:
    if not isinstance(content.get(name), list):
        raise NotOurs(NOT_OURS)
    listed: list[Any] = content[name]
    return listed
