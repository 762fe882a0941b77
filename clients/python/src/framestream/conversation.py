"""One chat, in step with every other device: its messages, the answer that is being made, and what waits."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, TypedDict

from framestream.chat_state import ChatState, advance, answer_from, catch_up, version_told_by
from framestream.chats import ASSISTANT, GONE, ROOT, ChatMessage
from framestream.errors import Disconnected, FrameStreamError, Misused

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from typing import Unpack

    from framestream.chats import History
    from framestream.client import FrameStreamClient
    from framestream.dispatcher import Dispatcher
    from framestream.generation import Generation
    from framestream.progress import Json

logger = logging.getLogger("framestream")


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
    """A chat that is kept up to date while it is open. `state` is what is known of it.

    Every change is told by the socket. If one is missed, because a version is skipped or a new socket was
    opened, the chat is read once, from the version that is known.
    """

    def __init__(self, chat_id: str, client: FrameStreamClient, dispatcher: Dispatcher) -> None:
        self.chat_id = chat_id
        self.state = ChatState()
        self._client = client
        self._dispatcher = dispatcher
        self._answer: Generation | None = None
        self._attached: dict[str, tuple[str, ...]] = {}
        """What own questions were sent with, by their answers: no message on the socket tells it."""
        self._told: list[Json] = []
        """Messages that came while the chat is read."""
        self._reading: asyncio.Task[None] | None = None
        self._is_outdated = False
        self._changed = asyncio.Event()

    # The chat.

    @property
    def path(self) -> tuple[ChatMessage, ...]:
        """The messages from the first one to the latest question or answer."""
        return self.state.path()

    @property
    def answer(self) -> Generation | None:
        """The answer that is being made, which may be another device's."""
        return self._answer

    async def changes(self) -> AsyncIterator[ChatState]:
        """Yield the state, now and after each change, until the client is closed."""
        with suppress(Disconnected):
            while True:
                changed = self._changed
                yield self.state
                await self._dispatcher.until_closed(_until_set(changed))

    async def load(self) -> None:
        """Read what is new.

        Raises:
            FrameStreamError: If the server refused.
        """
        self._is_outdated = True
        await self._in_step()

    def close(self) -> None:
        """Stop following the chat."""
        self._dispatcher.conversations.discard(self)

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

    # Callbacks of the dispatcher.

    def on_message(self, message: Json) -> None:
        """Apply a message about this chat, or keep it until the chat was read."""
        if version_told_by(message) is None:
            return
        if self._reading:
            self._told.append(message)
        else:
            self._apply(message)

    def on_new_socket(self) -> None:
        """Read the chat: it may have changed while there was no socket."""
        self._is_outdated = True
        self._read_soon()

    # Inside.

    def _apply(self, message: Json) -> None:
        state = advance(self.state, message, self._ended_answer(message))
        if state is None:
            self._is_outdated = True
            self._read_soon()
        else:
            self._set(state)

    def _set(self, state: ChatState) -> None:
        if state is self.state:
            return
        self.state = state
        if state.running is None:
            self._answer = None
        elif self._answer is None or self._answer.id != state.running:
            self._answer = self._dispatcher.follow(state.running)
            self._dispatcher.start(self._until_ended(self._answer))
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    async def _until_ended(self, answer: Generation) -> None:
        """Read the chat if the end of an answer was not told with its version."""
        with suppress(FrameStreamError):
            await answer.result()
        while self._reading:  # What is being read already may tell it.
            with suppress(FrameStreamError):
                await asyncio.shield(self._reading)
        if self.state.running == answer.id and self._is_followed:
            self._is_outdated = True
            self._read_soon()

    def _on_accepted(self, answer: Generation, *, text: str | None) -> None:
        """Apply what the reply to an own prompt says; without a socket, nothing else would tell it."""
        facts = answer.accepted
        if "chat_version" not in facts:
            return  # A former release.
        event = "regenerate" if text is None else "queued" if facts.get("waits") else "prompt"
        told = {**facts, "type": "chat_message", "event": event, "text": text}
        self.on_message({**told, "version": facts["chat_version"], "generation_id": answer.id})

    def _ended_answer(self, message: Json) -> ChatMessage | None:
        answer = self._answer
        if answer is None or answer.id != message.get("generation_id") or not answer.progress.has_ended:
            return None
        return answer_from(answer.id, answer.progress)

    @property
    def _is_followed(self) -> bool:
        return self._dispatcher.is_open and self in self._dispatcher.conversations

    def _read_soon(self) -> None:
        if self._is_followed and self._reading is None:
            self._dispatcher.start(self._in_step_if_possible())

    async def _in_step_if_possible(self) -> None:
        try:
            await self._in_step()
        except FrameStreamError as error:
            logger.warning("chat %s could not be read: %s", self.chat_id, error)

    async def _in_step(self) -> None:
        """Read until nothing is missing; one reading serves all that ask for it meanwhile."""
        while self._is_outdated or self._reading:
            if self._reading is None:
                self._reading = self._dispatcher.start(self._read())
            await asyncio.shield(self._reading)

    async def _read(self) -> None:
        try:
            self._set(await self._read_state())
        finally:
            self._reading = None
            if self._is_followed:
                self._apply_told()

    def _apply_told(self) -> None:
        told, self._told = self._told, []
        for message in told:
            self._apply(message)

    async def _read_state(self) -> ChatState:
        known = self.state
        if not known.created_at:  # It was never read: what was heard may be of a chat that was deleted since.
            known = replace(known, version=0, messages={})
        try:
            history = await self._read_since(known.version)
            if known.version and _began_anew(known, history.chat.created_at, history.chat.version):
                known = ChatState()
                history = await self._read_since(0)
        except FrameStreamError as error:
            if error.status in GONE:
                return ChatState(is_deleted=known.version > 0 or known.is_deleted)
            raise
        return catch_up(known, history)

    async def _read_since(self, version: int) -> History:
        return await self._client.chats.read(self.chat_id, since=version, before_each=self._up_to_now)

    async def _up_to_now(self) -> None:
        """Let an attempt count for all that was missed before it."""
        await self._dispatcher.socket_soon()
        self._is_outdated = False


def _began_anew(known: ChatState, created_at: str, version: int) -> bool:
    return version < known.version or known.created_at not in {"", created_at}


async def _until_set(changed: asyncio.Event) -> None:
    await changed.wait()
