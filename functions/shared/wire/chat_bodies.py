"""The bodies of the HTTP API that tell chats: a list of them, their messages, and the prompts that wait."""

from typing import Annotated, Literal, NotRequired, TypedDict

from functions.shared.generations.model import Status
from functions.shared.wire.fields import (
    FAILURE_CODES,
    AttachmentId,
    Count,
    GenerationId,
    MessageId,
    Micros,
    Moment,
    Name,
    Positive,
    Title,
    one_of,
)
from functions.shared.wire.messages import ContextSeen, Timed, Usage


class Chat(TypedDict):
    """A chat, without its messages."""

    chat_id: Name
    title: Title
    """The beginning of the first question, until it gets another."""
    version: Positive
    """Grows with each change of the chat."""
    created_at: Moment
    updated_at: Moment
    leaf_id: MessageId | None
    """The answer that ended last; null before any has. A question without a parent follows it."""
    running: GenerationId | None
    """The answer that is being made."""
    waiting: Count
    """How many prompts wait for their turn."""


class Chats(Timed):
    """Some of the user's chats, the one that changed last first."""

    user_id: Name
    chats: list[Chat]
    next: str | None
    """Give it as `before` for those that follow; null if these are the last."""


class WaitingPrompt(TypedDict):
    """A prompt that waits until the chat is free."""

    generation_id: GenerationId
    prompt: str | None
    """Null if an answer is to be made anew, or if it is too long for a reply beside the others."""
    created_at: Moment


class ChatQueue(TypedDict):
    """The prompts of a chat that wait, in their order."""

    is_paused: bool
    """Whether the next one waits to be resumed, because an answer was stopped."""
    waiting: list[WaitingPrompt]


class ChatQueueChanged(ChatQueue, Timed):
    """The queue after a change."""

    chat_version: Positive


class ChatMessage(TypedDict):
    """A question or an answer. `status` and what follows stand with answers only."""

    message_id: MessageId
    """Of an answer: its generation's id."""
    parent_id: MessageId | None
    """What it follows: a question an answer, or nothing (null); an answer its question."""
    number: Positive
    """The chat's version that it made."""
    role: Literal["user", "assistant"]
    text: str | None
    """Null for an answer whose text is kept no longer, or too long for a reply: read the generation then."""
    generation_id: GenerationId
    """The answer, or the one that the question was asked with."""
    created_at: Moment
    attachments: NotRequired[list[AttachmentId]]
    """What the question was sent with, if anything."""
    status: NotRequired[Status]
    """The text of an answer that was cancelled is a part of one."""
    attempt: NotRequired[Count]
    model: NotRequired[str]
    finish_reason: NotRequired[str | None]
    usage: NotRequired[Usage | None]
    cost: NotRequired[Micros | None]
    context: NotRequired[ContextSeen | None]
    answered_by: NotRequired[str]
    """The model that has answered, if it is not `model`, which was asked for and was not available."""
    error: NotRequired[str | None]
    """A sentence for people, if it failed."""
    code: NotRequired[Annotated[str | None, one_of([*FAILURE_CODES, None])]]
    retryable: NotRequired[bool | None]
    has_parts: NotRequired[Literal[True]]
    """If an answer has parts beside its text: `GET /api/chat/generations/{id}` gives them."""


class ChatMessages(Timed):
    """A chat and its messages by their numbers, the lowest first."""

    chat: Chat
    queue: ChatQueue
    messages: list[ChatMessage]
    next_since: Count
    """Give it as `since` for what follows, or for what will have changed later."""
    has_more: bool
    """Whether more messages follow right now."""


class ChatDeleted(Timed):
    """A chat and all of its questions and answers are deleted."""

    chat_id: Name
    version: Positive
