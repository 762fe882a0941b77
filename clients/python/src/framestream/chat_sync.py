"""Keeps what is known of a chat in step with the server: applies what is told, and reads what was missed.

Every change is told by the socket. If one is missed, because a version is skipped or a new socket was opened,
the chat is read once, from the version that is known.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from framestream.chat_state import ChatState, advance, answer_from, catch_up, version_told_by
from framestream.chats import GONE
from framestream.errors import FrameStreamError

if TYPE_CHECKING:
    from framestream.chat_records import ChatMessage, History
    from framestream.chats import Chats
    from framestream.dispatcher import Dispatcher
    from framestream.generation import Generation
    from framestream.progress import Json

logger = logging.getLogger("framestream")


class ChatSync:
    """One chat as it is known."""

    def __init__(self, chat_id: str, chats: Chats, dispatcher: Dispatcher) -> None:
        self.chat_id = chat_id
        self.state = ChatState()
        self.answer: Generation | None = None
        """The answer that is being made."""
        self.changed = asyncio.Event()
        """Set by the next change of the state, which has another event."""
        self._chats = chats
        self._dispatcher = dispatcher
        self._told: list[Json] = []
        """Messages that came while the chat is read."""
        self._reading: asyncio.Task[None] | None = None
        self._is_outdated = False

    async def load(self) -> None:
        """Read what is new.

        Raises:
            FrameStreamError: If the server refused.
        """
        self._is_outdated = True
        await self._in_step()

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
        self._read_soon()

    # Inside.

    def _apply(self, message: Json) -> None:
        state = advance(self.state, message, self._ended_answer(message))
        if state is None:
            self._read_soon()
        else:
            self._set(state)

    def _ended_answer(self, message: Json) -> ChatMessage | None:
        answer = self.answer
        if answer is None or answer.id != message.get("generation_id") or not answer.progress.has_ended:
            return None
        return answer_from(answer.id, answer.progress)

    def _set(self, state: ChatState) -> None:
        if state is self.state:
            return
        self.state = state
        if state.running is None:
            self.answer = None
        elif self.answer is None or self.answer.id != state.running:
            self.answer = self._dispatcher.follow(state.running)
            self._dispatcher.start(self._until_ended(self.answer))
        changed, self.changed = self.changed, asyncio.Event()
        changed.set()

    async def _until_ended(self, answer: Generation) -> None:
        """Read the chat if the end of an answer was not told with its version."""
        with suppress(FrameStreamError):
            await answer.result()
        while self._reading:  # What is being read already may tell it.
            with suppress(FrameStreamError):
                await asyncio.shield(self._reading)
        if self.state.running == answer.id:
            self._read_soon()

    @property
    def _is_followed(self) -> bool:
        return self._dispatcher.is_open and self in self._dispatcher.chats

    def _read_soon(self) -> None:
        if not self._is_followed:
            return
        self._is_outdated = True
        if self._reading is None:
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
        return await self._chats.read(self.chat_id, since=version, before_each=self._up_to_now)

    async def _up_to_now(self) -> None:
        """Let an attempt count for all that was missed before it."""
        await self._dispatcher.socket_soon()
        self._is_outdated = False


def _began_anew(known: ChatState, created_at: str, version: int) -> bool:
    return version < known.version or known.created_at not in {"", created_at}
