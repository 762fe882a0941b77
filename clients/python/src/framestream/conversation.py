"""One chat, in step with every other device: its messages, the answer that is being made, and what waits."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, TypedDict

from framestream.chat_records import ASSISTANT, ROOT
from framestream.errors import Disconnected, Misused

if TYPE_CHECKING:
    import asyncio
    from collections.abc import AsyncIterator, Sequence
    from typing import Unpack

    from framestream.chat_records import ChatMessage
    from framestream.chat_state import ChatState
    from framestream.chat_sync import ChatSync
    from framestream.client import FrameStreamClient
    from framestream.dispatcher import Dispatcher
    from framestream.generation import Generation
    from framestream.progress import Json


class AskOptions(TypedDict, total=False):
    """What may be said with a question, as `FrameStreamClient.generate` describes it."""

    model: str | None
    on_busy: str | None
    on_stale: str | None
    response_format: Json | None
    attachments: Sequence[str] | None
    idempotency_key: str | None
    timeout: float | None


class Conversation:
    """A chat that is kept up to date while it is open."""

    def __init__(self, sync: ChatSync, client: FrameStreamClient, dispatcher: Dispatcher) -> None:
        self.chat_id = sync.chat_id
        self._sync = sync
        self._client = client
        self._dispatcher = dispatcher
        self._attached: dict[str, tuple[str, ...]] = {}
        """What own questions were sent with, by their answers: no message on the socket tells it."""

    # The chat.

    @property
    def state(self) -> ChatState:
        """What is known of the chat."""
        return self._sync.state

    @property
    def path(self) -> tuple[ChatMessage, ...]:
        """The messages from the first one to the latest question or answer."""
        return self.state.path()

    @property
    def answer(self) -> Generation | None:
        """The answer that is being made, which may be another device's."""
        return self._sync.answer

    async def changes(self) -> AsyncIterator[ChatState]:
        """Yield the state, now and after each change, until the client is closed."""
        with suppress(Disconnected):
            while True:
                changed = self._sync.changed
                yield self.state
                await self._dispatcher.until_closed(_until_set(changed))

    async def load(self) -> None:
        """Read what is new.

        Raises:
            FrameStreamError: If the server refused.
        """
        await self._sync.load()

    def close(self) -> None:
        """Stop following the chat."""
        self._dispatcher.chats.discard(self._sync)

    # What a user does.

    async def ask(
        self, prompt: str, *, parent_id: str | None = None, **options: Unpack[AskOptions]
    ) -> Generation:
        """Ask what follows the latest answer, or the message `parent_id`; `"root"` begins anew.

        Raises:
            FrameStreamError: If the prompt was refused; `busy`: an answer is being made already.
            TimeoutError: If the prompt was not accepted in time.
        """
        if parent_id is None and self.state.version and not self.state.running:
            parent_id = self.state.leaf_id or ROOT  # What the user saw: another device may have gone on.
        answer = await self._client.generate(self.chat_id, prompt, parent_id=parent_id, **options)
        if attachments := options.get("attachments"):
            self._attached[answer.id] = tuple(attachments)
        self._on_accepted(answer, text=prompt)
        return answer

    async def edit(self, message_id: str, prompt: str, **options: Unpack[AskOptions]) -> Generation:
        """Ask a question anew with other words, beside the former one, and with its attachments unless others
        are given.

        Raises:
            FrameStreamError: If the prompt was refused.
            Misused: If the message is not a question of this chat.
        """
        message = self.state.messages.get(message_id)
        if message is None or message.role == ASSISTANT:
            raise Misused("Only a question of this chat can be edited.")
        attachments = message.attachments or self._attached.get(message.generation_id)
        enclosed: AskOptions = {"attachments": attachments, **options}
        return await self.ask(prompt, parent_id=message.parent_id or ROOT, **enclosed)

    async def regenerate(
        self, message_id: str | None = None, *, model: str | None = None, on_busy: str | None = None
    ) -> Generation:
        """Have a question answered once more: that of this answer, by default of the latest one.

        Raises:
            FrameStreamError: If the server refused.
            Misused: If there is no such answer.
        """
        message = self.state.messages.get(message_id or self.state.leaf_id or "")
        if message is None or message.role != ASSISTANT:
            raise Misused("There is no answer that could be made again.")
        answer = await self._client.regenerate(message.generation_id, model=model, on_busy=on_busy)
        self._on_accepted(answer, text=None)
        return answer

    def _on_accepted(self, answer: Generation, *, text: str | None) -> None:
        """Apply what the reply to an own prompt says; without a socket, nothing else would tell it."""
        facts = answer.accepted
        if "chat_version" not in facts:
            return  # A former release.
        event = "regenerate" if text is None else "queued" if facts.get("waits") else "prompt"
        told = {**facts, "type": "chat_message", "event": event, "text": text}
        self._sync.on_message({**told, "version": facts["chat_version"], "generation_id": answer.id})


async def _until_set(changed: asyncio.Event) -> None:
    await changed.wait()
