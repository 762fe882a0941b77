"""The client for code without asyncio: its event loop runs in a thread, and its calls block."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any, Self, TypeVar

from framestream.client import FrameStreamClient, Options
from framestream.errors import Disconnected, Misused
from framestream.progress import Piece

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator
    from typing import Unpack

    from framestream.connection import Phase
    from framestream.generation import Generation, Result
    from framestream.progress import Event, Json
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
        self,
        chat_id: str,
        prompt: str,
        *,
        model: str | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
    ) -> SyncGeneration:
        """Submit a prompt, and follow its answer. The call is retried until the server accepts or refuses it.

        Raises:
            FrameStreamError: If the prompt was refused.
            TimeoutError: If the prompt was not accepted within `timeout` seconds.
        """
        submission = self._client.generate(
            chat_id, prompt, model=model, idempotency_key=idempotency_key, timeout=timeout
        )
        return SyncGeneration(self._wait(submission), self)

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


class SyncGeneration:
    """An answer, under way or ended. Iterate over it for the pieces of its text."""

    def __init__(self, generation: Generation, client: SyncFrameStreamClient) -> None:
        self._generation = generation
        self._client = client

    @property
    def id(self) -> str:
        return self._generation.id

    @property
    def status(self) -> str:
        return self._generation.status

    @property
    def text(self) -> str:
        return self._generation.text

    def __iter__(self) -> Iterator[Piece]:
        """Yield the text, piece by piece, from the first one.

        Raises:
            FrameStreamError: At the end, if the answer failed.
        """
        return (event for event in self.events() if isinstance(event, Piece))

    def events(self, *, after: int = 0) -> Iterator[Event]:
        """Yield pieces of text and changes of status, skipping the first `after`.

        Raises:
            FrameStreamError: At the end, if the answer failed.
        """
        while (event := self._client._wait(self._generation.event(after))) is not None:
            yield event
            after += 1

    def result(self, *, seconds: float | None = None) -> Result:
        """Wait for the end.

        Raises:
            FrameStreamError: If the answer failed.
            TimeoutError: If it did not end within `seconds`.
        """
        return self._client._wait(self._generation.result(), seconds=seconds)

    def cancel(self, *, seconds: float | None = None) -> None:
        """Cancel the answer.

        Raises:
            FrameStreamError: If the server refused.
            TimeoutError: If the server did not reply within `seconds`.
        """
        self._client._wait(self._generation.cancel(), seconds=seconds)
