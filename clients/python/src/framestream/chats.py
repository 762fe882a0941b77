"""What is read of a user's chats, and the calls that list, read, rename and delete them."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote

from framestream.api import NOT_OURS
from framestream.attachments import Attachment, UploadedFile, upload
from framestream.errors import NotOurs, Refused

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from pathlib import Path

    from framestream.dispatcher import Dispatcher
    from framestream.progress import Json

T = TypeVar("T")
CHATS = "/api/chat/chats"
USER, ASSISTANT = "user", "assistant"
ROOT = "root"
"""As a prompt's `parent_id`: a question that begins the chat anew."""
GONE = frozenset({404, 405})
"""There is no such chat; or, on a deployment of a former release, there are no chats."""


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


class Chats:
    """The user's chats. The calls are retried until the server answers."""

    def __init__(self, dispatcher: Dispatcher) -> None:
        self._dispatcher = dispatcher

    async def list(self, *, limit: int | None = None, before: str | None = None) -> ChatList:
        """List chats, those with the latest activity first.

        Args:
            limit: How many at most.
            before: The `next` of the list before.

        Raises:
            FrameStreamError: If the server refused.
        """
        answer = await self._call("GET", CHATS, params=_given(limit=limit, before=before))
        chats = tuple(_read(Chat, each) for each in _listed(answer, "chats"))
        return ChatList(chats=chats, next=answer.get("next"))

    async def messages(
        self, chat_id: str, *, since: int = 0, leaf: str | None = None, limit: int | None = None
    ) -> History:
        """Read a chat's messages, all of them, page after page.

        Args:
            chat_id: The chat.
            since: The version of the chat that is known already.
            leaf: Only the messages from the beginning to this one.
            limit: One page of at most so many, instead of all; `next_since` is the next one's `since`.

        Raises:
            FrameStreamError: If the server refused; status 404: there is no such chat.
        """
        return await self.read(chat_id, since=since, leaf=leaf, limit=limit)

    async def read(
        self,
        chat_id: str,
        *,
        before_each: Callable[[], Awaitable[object]] | None = None,
        limit: int | None = None,
        **where: int | str | None,
    ) -> History:
        """Read as `messages` does, and do something before each attempt at a page."""
        path, params = f"{_path(chat_id)}/messages", _given(limit=limit, **where)
        history = _history(await self._call("GET", path, before_each, params=params))
        while history.has_more and limit is None:
            params["since"] = history.next_since
            page = _history(await self._call("GET", path, before_each, params=params))
            history = replace(page, messages=(*history.messages, *page.messages))
        return history

    async def rename(self, chat_id: str, title: str) -> Chat:
        """Give a chat another title.

        Raises:
            FrameStreamError: If the server refused.
        """
        return _read(Chat, await self._call("PATCH", _path(chat_id), json={"title": title}))

    async def delete(self, chat_id: str) -> None:
        """Delete a chat with everything in it. What is running in it is cancelled.

        Raises:
            FrameStreamError: If the server refused; status 404: there is no such chat.
        """
        calls = 0

        async def call() -> None:
            nonlocal calls
            calls += 1
            try:
                await self._dispatcher.api.call("DELETE", _path(chat_id))
            except Refused as error:
                if calls == 1 or error.status not in GONE:  # Else, an earlier call deleted it.
                    raise

        await self._dispatcher.until_closed(self._dispatcher.retry.until_answered(call, "deleting"))

    async def attach(
        self, chat_id: str, content: bytes | Path, *, name: str | None = None, media_type: str | None = None
    ) -> str:
        """Upload an image or a file of a chat, which need not exist yet. Returns its id, for `attachments` of
        prompts.

        Args:
            chat_id: The chat.
            content: The file, or what is in it.
            name: As its user calls it, which the model is told; by default, the file's own.
            media_type: By default, what its name ends on.

        Raises:
            Misused: If it is not known what it is.
            FrameStreamError: If it was refused; `upload_refused`: by the bucket.
            OSError: If the file cannot be read.
        """
        file = await UploadedFile.of(content, name=name, media_type=media_type)
        dispatcher, path = self._dispatcher, f"{_path(chat_id)}/attachments"
        dispatcher.check_open()

        async def attempt() -> str:  # A form may be used for some minutes only, so each attempt has its own.
            return await upload(dispatcher.api, path, file)

        return await dispatcher.until_closed(dispatcher.retry.until_answered(attempt, "upload"))

    async def attachment(self, chat_id: str, attachment_id: str) -> Attachment:
        """Return what an attachment of a chat is, with an address to show it with.

        Raises:
            FrameStreamError: If the server refused; status 404: this chat has no such attachment.
        """
        path = f"{_path(chat_id)}/attachments/{quote(attachment_id, safe='')}"
        return _read(Attachment, await self._call("GET", path))

    async def edit_waiting(self, chat_id: str, generation_id: str, prompt: str) -> Queue:
        """Change a prompt that waits.

        Raises:
            FrameStreamError: If the server refused; status 404: it does not wait any more.
        """
        path = f"{_path(chat_id)}/queue/{generation_id}"
        return queue_from(await self._call("PATCH", path, json={"prompt": prompt}))

    async def remove_waiting(self, chat_id: str, generation_id: str) -> Queue:
        """Take a prompt out of the queue.

        Raises:
            FrameStreamError: If the server refused; status 404: it does not wait any more.
        """
        return queue_from(await self._call("DELETE", f"{_path(chat_id)}/queue/{generation_id}"))

    async def resume(self, chat_id: str) -> Queue:
        """Go on with the prompts that wait, after a cancelled answer paused them.

        Raises:
            FrameStreamError: If the server refused.
        """
        return queue_from(await self._call("POST", f"{_path(chat_id)}/queue/resume"))

    async def _call(
        self,
        method: str,
        path: str,
        before_each: Callable[[], Awaitable[object]] | None = None,
        **request: Any,
    ) -> Json:
        dispatcher = self._dispatcher

        async def attempt() -> Json:
            if before_each:
                await before_each()
            return await dispatcher.api.call(method, path, **request)

        return await dispatcher.until_closed(dispatcher.retry.until_answered(attempt, path))


def queue_from(content: Json) -> Queue:
    """Read a chat's queue."""
    waiting = tuple(_read(WaitingPrompt, each) for each in _listed(content, "waiting"))
    return Queue(is_paused=bool(content.get("is_paused")), waiting=waiting)


def _history(content: Json) -> History:
    if not isinstance(content.get("chat"), dict) or not isinstance(content.get("queue"), dict):
        raise NotOurs(NOT_OURS)
    return History(
        chat=_read(Chat, content["chat"]),
        queue=queue_from(content["queue"]),
        messages=tuple(_read(ChatMessage, each) for each in _listed(content, "messages")),
        next_since=int(content.get("next_since") or 0),
        has_more=bool(content.get("has_more")),
    )


def _path(chat_id: str) -> str:
    """The path of a chat. An id of dots alone would be taken for a step in the path."""
    text = quote(chat_id, safe="")
    return f"{CHATS}/{text if text.strip('.') else text.replace('.', '%2E')}"


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


def _given(**values: Any) -> Json:
    return {name: value for name, value in values.items() if value is not None}
