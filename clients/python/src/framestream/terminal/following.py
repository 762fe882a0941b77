"""Shows one answer until its end; Ctrl-C stops the answer first, and only then the program."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Protocol, Self

from framestream.errors import FrameStreamError

if TYPE_CHECKING:
    from framestream.generation import Result
    from framestream.progress import Event
    from framestream.sync import SyncGeneration

PATIENCE = 5.0
"""Seconds that the server has to take a cancellation, and then again to end the answer."""

# An answer is text: it must not move the cursor or change the terminal's title.
CONTROLS = dict.fromkeys({*range(32), *range(127, 160)} - {ord("\n"), ord("\t")}, "\N{REPLACEMENT CHARACTER}")


class Presenter(Protocol):
    """How an answer is shown."""

    def __enter__(self) -> Self: ...
    def __exit__(self, *_: object) -> None: ...
    def accepted(self, generation_id: str) -> None: ...
    def show(self, event: Event) -> None: ...
    def note(self, sentence: str) -> None: ...
    def finished(self, result: Result) -> None: ...


def follow(generation: SyncGeneration, presenter: Presenter) -> Result:
    """Show an answer from its first event to its last.

    Raises:
        FrameStreamError: If it failed.
        KeyboardInterrupt: If it was interrupted; it is cancelled then.
    """
    shown = 0
    with presenter:
        presenter.accepted(generation.id)
        try:
            for event in generation.events():
                shown += 1  # First, because Ctrl-C may come as soon as the text is out.
                presenter.show(event)
        except KeyboardInterrupt:
            presenter.note("stopping: once more to leave at once")
            _stop(generation, presenter, shown)
            raise
        result = generation.result()
        presenter.finished(result)
        return result


def _stop(generation: SyncGeneration, presenter: Presenter, shown: int) -> None:
    with suppress(FrameStreamError, TimeoutError):
        generation.cancel(seconds=PATIENCE)
        result = generation.result(seconds=PATIENCE)
        for event in generation.events(after=shown):
            presenter.show(event)
        presenter.finished(result)


def printable(text: str) -> str:
    """Leave nothing in a text that drives a terminal."""
    return text.translate(CONTROLS)
