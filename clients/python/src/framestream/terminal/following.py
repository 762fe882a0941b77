"""Shows one answer until its end; the first Ctrl-C cancels the answer, the second ends the program."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Protocol, Self

from framestream.errors import FrameStreamError

if TYPE_CHECKING:
    from framestream.progress import PartEvent
    from framestream.result import Result
    from framestream.sync_generation import SyncGeneration

CANCEL_TIMEOUT = 5.0
"""Seconds to wait for the reply to a cancellation, and then again for the end of the answer."""

# An answer must not move the cursor or change the terminal's title.
CONTROLS = dict.fromkeys({*range(32), *range(127, 160)} - {ord("\n"), ord("\t")}, "\N{REPLACEMENT CHARACTER}")


class Presenter(Protocol):
    """How an answer is shown."""

    def __enter__(self) -> Self: ...
    def __exit__(self, *_: object) -> None: ...
    def accepted(self, generation_id: str) -> None: ...
    def show(self, event: PartEvent) -> None: ...
    def note(self, sentence: str) -> None: ...
    def finished(self, result: Result) -> None: ...


def follow(generation: SyncGeneration, presenter: Presenter) -> Result:
    """Show an answer from its first event to its last.

    Raises:
        FrameStreamError: If the answer failed.
        KeyboardInterrupt: After Ctrl-C; the answer is cancelled by then.
    """
    shown = 0
    with presenter:
        presenter.accepted(generation.id)
        try:
            for event in generation.events_in_parts():
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
        generation.cancel(seconds=CANCEL_TIMEOUT)
        result = generation.result(seconds=CANCEL_TIMEOUT)
        for event in generation.events_in_parts(after=shown):
            presenter.show(event)
        presenter.finished(result)


def printable(text: str) -> str:
    """Replace the control characters in a text."""
    return text.translate(CONTROLS)
