"""The state of a chat after each message of the socket: pure, so that every order of messages can be tested.

Each change of a chat makes its next version, and exactly one message tells it: a `chat_message`, or the last
`llm_status` of an answer. So a client knows whether it has missed something, and asks once for it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from framestream.chat_records import ASSISTANT, USER, ChatMessage, History, Queue, WaitingPrompt
from framestream.progress import ENDS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from framestream.progress import Json, Progress


LONGEST_TITLE = 80
"""Characters of a title that the server makes of a prompt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatState:
    """A chat as a client knows it. Version 0: nothing was ever asked in it, or it was deleted."""

    version: int = 0
    title: str = ""
    """Empty until the chat is read or named, or its first question is heard."""
    created_at: str = ""
    """Empty until the chat is read."""
    messages: Mapping[str, ChatMessage] = field(default_factory=dict)
    """By their ids, on all paths."""
    leaf_id: str | None = None
    running: str | None = None
    """The id of the answer that is being made."""
    prompt_id: str | None = None
    """The question that it answers, if that is known."""
    queue: Queue = field(default_factory=Queue)
    is_deleted: bool = False

    def path(self, leaf_id: str | None = None) -> tuple[ChatMessage, ...]:
        """The messages from the first one to a leaf; by default, to the latest question or answer."""
        path: list[ChatMessage] = []
        message = self.messages.get(leaf_id or self.prompt_id or self.leaf_id or "")
        while message:
            path.append(message)
            message = self.messages.get(message.parent_id or "")
        return tuple(reversed(path))

    def siblings(self, message_id: str) -> tuple[ChatMessage, ...]:
        """A message and those beside it: edits of a question, or further answers to one."""
        message = self.messages[message_id]
        return tuple(each for each in self.messages.values() if _is_beside(each, message))


def _is_beside(one: ChatMessage, other: ChatMessage) -> bool:
    return (one.parent_id, one.role) == (other.parent_id, other.role)


def version_told_by(message: Json) -> int | None:
    """The version of its chat that a message tells; None: it tells no change."""
    is_end = message.get("type") == "llm_status" and message.get("status") in ENDS
    told = message.get("chat_version" if is_end else "version")
    if message.get("type") == "chat_message" or is_end:
        return told if isinstance(told, int) and not isinstance(told, bool) else None
    return None


def advance(state: ChatState, message: Json, answer: ChatMessage | None = None) -> ChatState | None:
    """Apply a message. None: something was missed, or is not in the message, so the chat must be read.

    Args:
        state: The chat until then.
        message: The message.
        answer: The answer whose end it tells, if that is known as a whole.
    """
    version = version_told_by(message)
    if version is None or version <= state.version:
        return state
    if version > state.version + 1:
        return None
    try:
        is_end = message["type"] == "llm_status"
        changed = _ended(state, message, answer) if is_end else _changed(state, message)
    except KeyError:
        return None  # Something is missing that the contract promises.
    if changed is None or changed.is_deleted:
        return changed
    title = message.get("title")
    return replace(changed, version=version, title=title if isinstance(title, str) else changed.title)


def catch_up(state: ChatState, history: History) -> ChatState:
    """Apply what was read since the state's version; a chat that began anew replaces the former one."""
    chat = history.chat
    if chat.version < state.version:
        return state
    messages = {**state.messages, **{message.message_id: message for message in history.messages}}
    return ChatState(
        version=chat.version,
        title=chat.title,
        created_at=chat.created_at,
        messages=messages,
        leaf_id=chat.leaf_id,
        running=chat.running,
        prompt_id=_prompt_of(state, chat.running, messages),
        queue=history.queue,
    )


def answer_from(generation_id: str, progress: Progress) -> ChatMessage:
    """An answer that has ended, as a message of its chat. The state of the chat knows where it belongs."""
    failure = progress.failure
    return ChatMessage(
        message_id=generation_id,
        parent_id=None,
        number=0,
        role=ASSISTANT,
        text=progress.answer.text,
        generation_id=generation_id,
        created_at="",
        status=progress.status,
        attempt=progress.answer.attempt,
        error=failure.sentence if failure else None,
        code=failure.code if failure else None,
        retryable=failure.retryable if failure else None,
        **(progress.data or {}),
    )


def title_of(prompt: str) -> str:
    """A title as the server makes it of the first prompt."""
    line = " ".join("".join(each if each.isprintable() else " " for each in prompt).split())
    return line if len(line) <= LONGEST_TITLE else line[: LONGEST_TITLE - 1].rstrip() + "…"


def _prompt_of(state: ChatState, running: str | None, messages: Mapping[str, ChatMessage]) -> str | None:
    """The question of the running answer: it came with it, unless an old one is answered again."""
    if running is None:
        return None
    if running == state.running and state.prompt_id:
        return state.prompt_id
    asked = (each for each in messages.values() if each.role == USER and each.generation_id == running)
    return next((each.message_id for each in asked), None)


def _changed(state: ChatState, message: Json) -> ChatState | None:
    generation_id, text = message.get("generation_id"), message.get("text")
    waiting = [each for each in state.queue.waiting if each.generation_id != generation_id]
    without = replace(state.queue, waiting=tuple(waiting))
    match message.get("event"):
        case "prompt" if isinstance(text, str):
            asked = ChatMessage(
                message_id=message["message_id"],
                parent_id=message["parent_id"],
                number=message["version"],
                role=USER,
                text=text,
                generation_id=message["generation_id"],
                created_at=message["timestamp"],
                attachments=tuple(message.get("attachments", ())),
            )
            is_first = not (state.messages or state.title)
            return replace(
                state,
                title=title_of(text) if is_first else state.title,
                messages={**state.messages, asked.message_id: asked},
                running=generation_id,
                prompt_id=asked.message_id,
                queue=without,
                is_deleted=False,
            )
        case "regenerate":
            return replace(state, running=generation_id, prompt_id=message["message_id"], queue=without)
        case "queued" if isinstance(text, str):
            return _queued(state, message, without)
    return _changed_otherwise(state, message, without)


def _queued(state: ChatState, message: Json, others: Queue) -> ChatState | None:
    """Let a prompt wait where the server put it: what interrupts is first, and lets a paused queue go on."""
    position = message.get("position", None if others.waiting else 0)
    if not isinstance(position, int):
        return None  # A former release, which does not tell.
    new = WaitingPrompt(
        generation_id=message["generation_id"], prompt=message["text"], created_at=message["timestamp"]
    )
    waiting = (*others.waiting[:position], new, *others.waiting[position:])
    return replace(state, queue=Queue(is_paused=others.is_paused and position > 0, waiting=waiting))


def _changed_otherwise(state: ChatState, message: Json, without: Queue) -> ChatState | None:
    text = message.get("text")
    match message.get("event"):
        case "queue_edited" if isinstance(text, str):
            edited = tuple(
                replace(each, prompt=text) if each.generation_id == message["generation_id"] else each
                for each in state.queue.waiting
            )
            return replace(state, queue=replace(state.queue, waiting=edited))
        case "unqueued":  # Only a queue that holds something is paused.
            is_paused = without.is_paused and bool(without.waiting)
            return replace(state, queue=replace(without, is_paused=is_paused))
        case "queue_resumed":
            return replace(state, queue=replace(state.queue, is_paused=False))
        case "title":
            return state
        case "deleted":
            return ChatState(is_deleted=True)
    return None  # A text that did not fit into the message, or an event of a later server.


def _ended(state: ChatState, message: Json, answer: ChatMessage | None) -> ChatState | None:
    """End the running answer, if it is complete. Of any other the last pieces may be lost unnoticed; and what
    it has used, and whether it has paused the queue, the record alone says.
    """
    if answer is None or message["status"] != "completed":
        return None
    if state.prompt_id is None or state.running != answer.generation_id:
        return None
    ended = replace(
        answer,
        parent_id=state.prompt_id,
        role=ASSISTANT,
        number=message["chat_version"],
        created_at=message["timestamp"],
    )
    return replace(
        state,
        messages={**state.messages, ended.message_id: ended},
        leaf_id=ended.message_id,
        running=None,
        prompt_id=None,
    )
