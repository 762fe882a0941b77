"""An answer as plain text: the text on standard output, all else on standard error, dim."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from rich.console import Console

from framestream.parts import PartPiece
from framestream.progress import ENDS, Piece
from framestream.terminal.following import printable
from framestream.terminal.sources import source_lines

if TYPE_CHECKING:
    from framestream.progress import PartEvent
    from framestream.result import Result


def _aside() -> Console:
    return Console(stderr=True, style="dim", highlight=False, markup=False)


@dataclass(slots=True)
class Plain:
    """The presenter for pipes, logs and terminals without control codes."""

    console: Console = field(default_factory=_aside)
    attempt: int = 0
    _is_reasoning: bool = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        print()  # noqa: T201

    def accepted(self, generation_id: str) -> None:
        self.console.print(f"queued: generation {generation_id}")

    def show(self, event: PartEvent) -> None:
        if 0 < self.attempt < event.attempt:
            self.console.print(f"\nstarting again, attempt {event.attempt}")
        self.attempt = event.attempt
        if isinstance(event, PartPiece):
            self._show_part(event)
        elif isinstance(event, Piece):
            self._end_reasoning()
            sys.stdout.write(printable(event))
            sys.stdout.flush()
        else:
            self._end_reasoning()
            line = f"{event.status}: {event.message}"
            self.console.print(f"\n{line}" if event.status in ENDS else line)

    def note(self, sentence: str) -> None:
        self.console.print(f"\n{sentence}")

    def finished(self, result: Result) -> None:
        """Tell the sources; the last status has been printed."""
        for line in source_lines(result):
            self.console.print(line, soft_wrap=True)

    def _show_part(self, piece: PartPiece) -> None:
        if piece.kind == "reasoning":
            self._is_reasoning = True
            self.console.print(printable(piece.text), end="", soft_wrap=True)

    def _end_reasoning(self) -> None:
        if self._is_reasoning:
            self.console.print()
        self._is_reasoning = False
