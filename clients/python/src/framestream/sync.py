"""The same client for code without asyncio: it lives in a thread of its own, and its calls wait."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any, Self, TypeVar

from framestream.client import FrameStreamClient
from framestream.progress import Piece

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator

    from framestream.generation import Generation, Result
    from framestream.progress import Event, Json
    from framestream.tokens import TokenSource

T = TypeVar("T")


class SyncFrameStreamClient:
    """Follows the answers of one user. Takes what `FrameStreamClient` takes."""

    def __init__(self, http_url: str, get_token: TokenSource, **options: Any) -> None:
        self._arguments = (http_url, get_token)
        self._options = options
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="framestream", daemon=True)

    def __enter__(self) -> Self:
        """Connect.

        Raises:
            Refused: If the server lets this user in neither now nor later.
        """
        self._thread.start()
        try:
            self._client = self._wait(self._connect())
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self._wait(self._client.close())
        finally:
            self._stop()

    def generate(
        self, chat_id: str, prompt: str, *, model: str | None = None, idempotency_key: str | None = None
    ) -> SyncGeneration:
        """Hand in a prompt, and follow its answer.

        Raises:
            FrameStreamError: If it was not accepted.
        """
        asked = self._client.generate(chat_id, prompt, model=model, idempotency_key=idempotency_key)
        return SyncGeneration(self._wait(asked), self)

    def messages(self) -> Iterator[Json]:
        """Yield every message of the socket from now on, as the server sent it."""
        messages = self._client.messages()
        while (message := self._wait(anext(messages, None))) is not None:
            yield message

    async def _connect(self) -> FrameStreamClient:
        return await FrameStreamClient(*self._arguments, **self._options).__aenter__()

    def _wait(self, work: Coroutine[Any, Any, T], *, seconds: float | None = None) -> T:
        """Wait for the other thread; if that is interrupted, so is the work."""
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result(seconds)
        except BaseException:
            future.cancel()
            raise

    def _stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


class SyncGeneration:
    """An answer that is being written, or was. Iterate over it for the pieces of its text."""

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
            FrameStreamError: At the end, if it failed.
        """
        return (event for event in self.events() if isinstance(event, Piece))

    def events(self, *, after: int = 0) -> Iterator[Event]:
        """Yield pieces of text and changes of status, from the first one, or without so many.

        Raises:
            FrameStreamError: At the end, if it failed.
        """
        while (event := self._client._wait(self._generation.event(after))) is not None:
            yield event
            after += 1

    def result(self, *, seconds: float | None = None) -> Result:
        """Wait for the end.

        Raises:
            FrameStreamError: If it failed.
            TimeoutError: If it took longer than this.
        """
        return self._client._wait(self._generation.result(), seconds=seconds)

    def cancel(self, *, seconds: float | None = None) -> None:
        """Ask the server to stop writing.

        Raises:
            FrameStreamError: If the server did not take it.
            TimeoutError: If it took longer than this.
        """
        self._client._wait(self._generation.cancel(), seconds=seconds)
