"""An answer as plain text: the text on standard output, notes on standard error, dim."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from rich.console import Console

from framestream.progress import ENDS, Piece
from framestream.terminal.following import printable

if TYPE_CHECKING:
    from framestream.generation import Result
    from framestream.progress import Event


def _aside() -> Console:
    return Console(stderr=True, style="dim", highlight=False, markup=False)


@dataclass(slots=True)
class Plain:
    """The presenter for pipes, logs and terminals without control codes."""

    console: Console = field(default_factory=_aside)
    attempt: int = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        print()  # noqa: T201

    def accepted(self, generation_id: str) -> None:
        self.console.print(f"queued: generation {generation_id}")

    def show(self, event: Event) -> None:
        if 0 < self.attempt < event.attempt:
            self.console.print(f"\nstarting again, attempt {event.attempt}")
        self.attempt = event.attempt
        if isinstance(event, Piece):
            sys.stdout.write(printable(event))
            sys.stdout.flush()
        else:
            line = f"{event.status}: {event.message}"
            self.console.print(f"\n{line}" if event.status in ENDS else line)

    def note(self, sentence: str) -> None:
        self.console.print(f"\n{sentence}")

    def finished(self, result: Result) -> None:
        """Nothing: the last status has been printed."""
