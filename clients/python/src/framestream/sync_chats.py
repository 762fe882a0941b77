"""Chats for code without asyncio: the calls of `chats` and `conversation`, which block here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from framestream.sync_generation import SyncGeneration

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Unpack

    from framestream.attachments import Attachment
    from framestream.chat_records import Chat, ChatList, ChatMessage, History, Queue
    from framestream.chat_state import ChatState
    from framestream.chats import Chats
    from framestream.conversation import AskOptions, Conversation
    from framestream.sync import SyncFrameStreamClient


class SyncChats:
    """The user's chats; see `Chats`. The calls are retried until the server answers.

    All raise FrameStreamError if the server refused; status 404: there is no such chat.
    """

    def __init__(self, chats: Chats, client: SyncFrameStreamClient) -> None:
        self._chats = chats
        self._client = client

    def list(self, *, limit: int | None = None, before: str | None = None) -> ChatList:
        """List chats, those with the latest activity first."""
        return self._client._wait(self._chats.list(limit=limit, before=before))

    def messages(
        self, chat_id: str, *, since: int = 0, leaf: str | None = None, limit: int | None = None
    ) -> History:
        """Read a chat's messages, all of them, page after page."""
        return self._client._wait(self._chats.messages(chat_id, since=since, leaf=leaf, limit=limit))

    def rename(self, chat_id: str, title: str) -> Chat:
        """Give a chat another title."""
        return self._client._wait(self._chats.rename(chat_id, title))

    def delete(self, chat_id: str) -> None:
        """Delete a chat with everything in it."""
        self._client._wait(self._chats.delete(chat_id))

    def attach(
        self, chat_id: str, content: bytes | Path, *, name: str | None = None, media_type: str | None = None
    ) -> str:
        """Upload an image or a file of a chat. Returns its id, for `attachments` of prompts."""
        return self._client._wait(self._chats.attach(chat_id, content, name=name, media_type=media_type))

    def attachment(self, chat_id: str, attachment_id: str) -> Attachment:
        """Return what an attachment of a chat is, with an address to show it with."""
        return self._client._wait(self._chats.attachment(chat_id, attachment_id))

    def edit_waiting(self, chat_id: str, generation_id: str, prompt: str) -> Queue:
        """Change a prompt that waits."""
        return self._client._wait(self._chats.edit_waiting(chat_id, generation_id, prompt))

    def remove_waiting(self, chat_id: str, generation_id: str) -> Queue:
        """Take a prompt out of the queue."""
        return self._client._wait(self._chats.remove_waiting(chat_id, generation_id))

    def resume(self, chat_id: str) -> Queue:
        """Go on with the prompts that wait."""
        return self._client._wait(self._chats.resume(chat_id))


class SyncConversation:
    """A chat that is kept up to date while it is open; see `Conversation`."""

    def __init__(self, conversation: Conversation, client: SyncFrameStreamClient) -> None:
        self._conversation = conversation
        self._client = client

    @property
    def chat_id(self) -> str:
        return self._conversation.chat_id

    @property
    def state(self) -> ChatState:
        """What is known of the chat at this moment; it does not change by itself."""
        return self._conversation.state

    @property
    def path(self) -> tuple[ChatMessage, ...]:
        """The messages from the first one to the latest question or answer."""
        return self._conversation.path

    @property
    def answer(self) -> SyncGeneration | None:
        """The answer that is being made, which may be another device's."""
        answer = self._conversation.answer
        return SyncGeneration(answer, self._client) if answer else None

    def load(self) -> None:
        """Read what is new.

        Raises:
            FrameStreamError: If the server refused.
        """
        self._client._wait(self._conversation.load())

    def ask(
        self, prompt: str, *, parent_id: str | None = None, **options: Unpack[AskOptions]
    ) -> SyncGeneration:
        """Ask what follows the latest answer, or the message `parent_id`; `"root"` begins anew.

        Raises:
            FrameStreamError: If the prompt was refused; `busy`: an answer is being made already.
            TimeoutError: If the prompt was not accepted in time.
        """
        asked = self._conversation.ask(prompt, parent_id=parent_id, **options)
        return SyncGeneration(self._client._wait(asked), self._client)

    def edit(self, message_id: str, prompt: str, **options: Unpack[AskOptions]) -> SyncGeneration:
        """Ask a question anew with other words, beside the former one.

        Raises:
            FrameStreamError: If the prompt was refused, or the message is not a question of this chat.
        """
        asked = self._conversation.edit(message_id, prompt, **options)
        return SyncGeneration(self._client._wait(asked), self._client)

    def regenerate(
        self, message_id: str | None = None, *, model: str | None = None, on_busy: str | None = None
    ) -> SyncGeneration:
        """Have a question answered once more: that of this answer, by default of the latest one.

        Raises:
            FrameStreamError: If the server refused, or there is no such answer.
        """
        asked = self._conversation.regenerate(message_id, model=model, on_busy=on_busy)
        return SyncGeneration(self._client._wait(asked), self._client)

    def close(self) -> None:
        """Stop following the chat."""
        self._conversation.close()
