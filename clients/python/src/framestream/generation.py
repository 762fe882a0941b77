"""One answer, as an application holds it: its text, its status, its result, and its cancellation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from framestream.parts import PartPiece
from framestream.progress import Piece
from framestream.result import Result, result_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from framestream.generation_tracker import GenerationTracker, TrackerHost
    from framestream.parts import Part
    from framestream.progress import Event, Json, PartEvent, Progress


class Generation:
    """An answer, under way or ended.

    Iterate over it for the pieces of its text, from the first one, as they arrive.
    """

    def __init__(self, tracker: GenerationTracker, host: TrackerHost) -> None:
        self.id = tracker.id
        self.accepted: Json = {}
        """What the server said when it accepted the prompt: `message_id`, `parent_id`, `chat_version`, and
        `waits`, if it waits in the queue of its chat. Empty if it was accepted elsewhere."""
        self._tracker = tracker
        self._host = host

    @property
    def status(self) -> str:
        """queued, started, processing, thinking, streaming, completed, failed or cancelled."""
        return "failed" if self._tracker.error else self.progress.status

    @property
    def progress(self) -> Progress:
        """All that is known of the answer."""
        return self._tracker.progress

    @property
    def text(self) -> str:
        """The whole text so far, of the present attempt."""
        return self.progress.answer.text

    @property
    def parts(self) -> tuple[Part, ...]:
        """The text so far, and what came before, within and after it: reasoning, sources, data."""
        return self.progress.parts.in_order(self.text)

    @property
    def attempt(self) -> int:
        """The number of the attempt. A new attempt starts the text again."""
        return self.progress.answer.attempt

    @property
    def has_ended(self) -> bool:
        return self._tracker.has_ended

    async def __aiter__(self) -> AsyncIterator[Piece]:
        """Yield the text, piece by piece; see `Piece` for one that starts again.

        Raises:
            FrameStreamError: At the end, if the answer failed.
        """
        async for event in self.events():
            if isinstance(event, Piece):
                yield event

    async def events(self) -> AsyncIterator[Event]:
        """Yield pieces of text and changes of status, from the first one.

        Raises:
            FrameStreamError: At the end, if the answer failed.
        """
        async for event in self.events_in_parts():
            if not isinstance(event, PartPiece):
                yield event

    async def events_in_parts(self) -> AsyncIterator[PartEvent]:
        """Yield the same events, and pieces of reasoning, sources and data.

        Raises:
            FrameStreamError: At the end, if the answer failed.
        """
        number = 0
        while (event := await self.event(number)) is not None:
            yield event
            number += 1

    async def event(self, number: int) -> PartEvent | None:
        """Wait for the event with this number, counted from 0. None: the answer ended before it.

        Raises:
            FrameStreamError: If the answer failed before it.
        """
        self._host.check()
        return await self._tracker.event(number)

    async def result(self) -> Result:
        """Wait for the end.

        Raises:
            FrameStreamError: If the answer failed.
        """
        self._host.check()
        return result_of(self.id, await self._tracker.end())

    async def cancel(self) -> None:
        """Cancel the answer. It ends as cancelled, unless it ends in another way first.

        Raises:
            FrameStreamError: If the server refused.
        """
        self._host.check()
        if not self.has_ended:
            await self._host.cancel(self.id)
