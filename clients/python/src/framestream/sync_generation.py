"""One answer for code without asyncio: its calls block."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from framestream.parts import PartPiece
from framestream.progress import Piece

if TYPE_CHECKING:
    from collections.abc import Iterator

    from framestream.generation import Generation
    from framestream.parts import Part
    from framestream.progress import Event, Json, PartEvent
    from framestream.result import Result
    from framestream.sync import SyncFrameStreamClient


class SyncGeneration:
    """An answer, under way or ended. Iterate over it for the pieces of its text."""

    def __init__(self, generation: Generation, client: SyncFrameStreamClient) -> None:
        self._generation = generation
        self._client = client

    @property
    def id(self) -> str:
        return self._generation.id

    @property
    def accepted(self) -> Json:
        """What the server said when it accepted the prompt."""
        return self._generation.accepted

    @property
    def status(self) -> str:
        return self._generation.status

    @property
    def text(self) -> str:
        return self._generation.text

    @property
    def parts(self) -> tuple[Part, ...]:
        """The text so far, and what came before, within and after it: reasoning, sources, data."""
        return self._generation.parts

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
        events = (event for event in self.events_in_parts() if not isinstance(event, PartPiece))
        return islice(events, after, None)

    def events_in_parts(self, *, after: int = 0) -> Iterator[PartEvent]:
        """Yield the same events, and pieces of reasoning, sources and data; skip the first `after`.

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
