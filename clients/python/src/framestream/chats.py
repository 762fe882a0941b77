"""The calls that list, read, rename and delete a user's chats, upload their files and change their queues."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from framestream.attachments import Attachment, UploadedFile, upload
from framestream.chat_records import attachment_from, chat_from, history_from, list_from, queue_from
from framestream.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from framestream.chat_records import Chat, ChatList, History, Queue
    from framestream.dispatcher import Dispatcher
    from framestream.progress import Json

CHATS = "/api/chat/chats"
GONE = frozenset({404, 405})
"""There is no such chat; or, on a deployment of a former release, there are no chats."""


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
        return list_from(await self._call("GET", CHATS, params=_given(limit=limit, before=before)))

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
        history = history_from(await self._call("GET", path, before_each, params=params))
        while history.has_more and limit is None:
            params["since"] = history.next_since
            page = history_from(await self._call("GET", path, before_each, params=params))
            history = replace(page, messages=(*history.messages, *page.messages))
        return history

    async def rename(self, chat_id: str, title: str) -> Chat:
        """Give a chat another title.

        Raises:
            FrameStreamError: If the server refused.
        """
        return chat_from(await self._call("PATCH", _path(chat_id), json={"title": title}))

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
        return attachment_from(await self._call("GET", path))

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


def _path(chat_id: str) -> str:
    """The path of a chat. An id of dots alone would be taken for a step in the path."""
    text = quote(chat_id, safe="")
    return f"{CHATS}/{text if text.strip('.') else text.replace('.', '%2E')}"


def _given(**values: Any) -> Json:
    return {name: value for name, value in values.items() if value is not None}
