"""The client for code without asyncio: its event loop runs in a thread, and its calls block."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any, Self, TypeVar

from framestream.client import FrameStreamClient
from framestream.errors import Disconnected, Misused
from framestream.sync_chats import SyncChats, SyncConversation
from framestream.sync_generation import SyncGeneration

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator
    from typing import Unpack

    from framestream.connection import Phase
    from framestream.conversation import AskOptions
    from framestream.generation import Generation
    from framestream.options import Options
    from framestream.progress import Json
    from framestream.tokens import TokenSource

T = TypeVar("T")


class SyncFrameStreamClient:
    """Follows the answers of one user. Takes the options of `FrameStreamClient`. Use it with `with`.

    Raises:
        Misused: If `http_url` is not a valid HTTP address.
    """

    def __init__(self, http_url: str, get_token: TokenSource, **options: Unpack[Options]) -> None:
        self._client = FrameStreamClient(http_url, get_token, **options)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self.chats = SyncChats(self._client.chats, self)
        """The user's chats: list, messages, rename, delete, and the queue of each."""

    def __enter__(self) -> Self:
        """Connect.

        Raises:
            Refused: If the server refuses this user for good.
            Misused: If the client was opened before.
        """
        if self._thread:
            raise Misused("A client is opened once: make another one.")
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="framestream", daemon=True)
        self._thread.start()
        try:
            self._wait(self._client.__aenter__())
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self._wait(self._client.close())
        finally:
            self._stop()

    @property
    def phase(self) -> Phase:
        """The state of the connection."""
        return self._client.phase

    def generate(
        self, chat_id: str, prompt: str, *, parent_id: str | None = None, **options: Unpack[AskOptions]
    ) -> SyncGeneration:
        """Submit a prompt, and follow its answer. The call is retried until the server accepts or refuses it.

        Takes the options of `FrameStreamClient.generate`.

        Raises:
            FrameStreamError: If the prompt was refused.
            TimeoutError: If the prompt was not accepted within `timeout` seconds.
        """
        submission = self._client.generate(chat_id, prompt, parent_id=parent_id, **options)
        return SyncGeneration(self._wait(submission), self)

    def regenerate(
        self, generation_id: str, *, model: str | None = None, on_busy: str | None = None
    ) -> SyncGeneration:
        """Have the question of an answer answered once more, beside that answer.

        Raises:
            FrameStreamError: If the server refused.
        """
        submission = self._client.regenerate(generation_id, model=model, on_busy=on_busy)
        return SyncGeneration(self._wait(submission), self)

    def conversation(self, chat_id: str) -> SyncConversation:
        """Read a chat, and keep it up to date. A chat that does not exist yet is empty.

        Raises:
            FrameStreamError: If the server refused.
        """
        return SyncConversation(self._wait(self._client.conversation(chat_id)), self)

    def usage(self) -> Json:
        """What the user has used of the budget; see `FrameStreamClient.usage`.

        Raises:
            FrameStreamError: If the server refused.
        """
        return self._wait(self._client.usage())

    def generation(self, generation_id: str) -> SyncGeneration:
        """Follow an answer that was requested before, by its id."""

        async def follow() -> Generation:
            return self._client.generation(generation_id)

        return SyncGeneration(self._wait(follow()), self)

    def messages(self) -> Iterator[Json]:
        """Yield every message of the socket from now on, as the server sent it."""
        messages = self._client.messages()
        while (message := self._wait(_next(messages))) is not None:
            yield message

    def _wait(self, work: Coroutine[Any, Any, T], *, seconds: float | None = None) -> T:
        """Run this in the client's loop and wait for it; an interrupted wait cancels it."""
        try:
            future = asyncio.run_coroutine_threadsafe(work, self._running())
        except BaseException:
            work.close()
            raise
        try:
            return future.result(seconds)
        except BaseException:
            future.cancel()
            raise

    def _running(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            raise Misused("The client is not open: use `with SyncFrameStreamClient(...) as client:`.")
        if self._loop.is_closed():
            raise Disconnected("The client is closed.")
        if threading.current_thread() is self._thread:
            raise Misused("A call that waits cannot be made from on_state: it would wait for itself.")
        return self._loop

    def _stop(self) -> None:
        if self._loop and self._thread:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()


async def _next(messages: Any) -> Json | None:
    return await anext(messages, None)
