"""An answer live on a terminal: finished lines scroll by above the last line and a status line.

Only these two are redrawn, so an answer of any length leaves plain text behind.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from rich.cells import cell_len
from rich.console import Console, Group
from rich.live import Live
from rich.spinner import Spinner
from rich.text import Text

from framestream.parts import PartPiece
from framestream.progress import Piece
from framestream.terminal.following import printable
from framestream.terminal.sources import source_lines

if TYPE_CHECKING:
    from collections.abc import Callable

    from framestream.progress import PartEvent
    from framestream.result import Result

CHARACTERS_PER_TOKEN = 4
"""An estimate, until the model's server reports the count."""


@dataclass(slots=True)
class Screen:
    """The presenter for interactive terminals."""

    console: Console = field(default_factory=lambda: Console(highlight=False, markup=False))
    clock: Callable[[], float] = time.monotonic
    _live: Live = field(init=False)
    _begun: float = field(init=False)
    _first_text: float | None = None
    _characters: int = 0
    _attempt: int = 0
    _status: str = "queued"
    _line: str = ""
    _style: str = ""
    """Of the last line: reasoning is dim."""

    def __enter__(self) -> Self:
        self._begun = self.clock()
        self._live = Live(
            console=self.console, get_renderable=self._below, transient=True, refresh_per_second=12
        )
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def accepted(self, generation_id: str) -> None:
        """Nothing: the id is of no use on the screen."""

    def show(self, event: PartEvent) -> None:
        if 0 < self._attempt < event.attempt:
            self._start_again(event.attempt)
        self._attempt = event.attempt
        if isinstance(event, PartPiece):
            if event.kind == "reasoning":
                self._add(printable(event.text), style="dim")
        elif isinstance(event, Piece):
            self._count(event)
            self._add(printable(event))
        else:
            self._status = event.status

    def note(self, sentence: str) -> None:
        self.console.print(Text(sentence, style="dim"))

    def finished(self, result: Result) -> None:
        tokens = (result.usage or {}).get("completion_tokens")
        facts = [result.status, f"{self.clock() - self._begun:.1f} s"]
        if tokens:
            facts += [f"{tokens} tokens", f"{tokens / self._seconds_of_text():.0f} tokens/s"]
        self._close()
        for line in (*source_lines(result), " · ".join(facts)):
            self.console.print(Text(line, style="dim"))

    def _count(self, text: str) -> None:
        if self._first_text is None:
            self._first_text = self.clock()
        self._characters += len(text)

    def _add(self, text: str, *, style: str = "") -> None:
        if style != self._style:
            self._settle()
        self._style = style
        *whole, self._line = folded(self._line + text.expandtabs(4), self.console.width)
        for line in whole:
            self.console.print(Text(line, style=style))

    def _start_again(self, attempt: int) -> None:
        self._settle()
        self.console.print(Text(f"starting again, attempt {attempt}", style="dim"))
        self._first_text, self._characters = None, 0

    def _close(self) -> None:
        self._live.stop()
        self._settle()

    def _settle(self) -> None:
        if self._line:
            self.console.print(Text(self._line, style=self._style))
        self._line = ""

    def _seconds_of_text(self) -> float:
        since = self._first_text if self._first_text is not None else self._begun
        return max(self.clock() - since, 0.1)

    def _below(self) -> Group:
        facts = [self._status, f"{self.clock() - self._begun:.1f} s"]
        if self._characters:
            pace = self._characters / CHARACTERS_PER_TOKEN / self._seconds_of_text()
            facts.append(f"≈ {pace:.0f} tokens/s")
        facts.append("Ctrl-C stops")
        return Group(
            Text(self._line, style=self._style), Spinner("dots", Text(" · ".join(facts)), style="dim")
        )


def folded(text: str, width: int) -> list[str]:
    """Break a text into lines, at spaces where there are any. More text changes only the last one."""
    lines = []
    for paragraph in text.split("\n"):
        rest = paragraph
        while cell_len(rest) > width:
            fits = _fitting(rest, width)
            space = rest.rfind(" ", 1, fits + 1)
            lines.append(rest[: space if space > 0 else fits])
            rest = rest[space + 1 if space > 0 else fits :]
        lines.append(rest)
    return lines


def _fitting(text: str, width: int) -> int:
    """How many characters fit into a line; at least one."""
    end = min(len(text), width)
    while end > 1 and cell_len(text[:end]) > width:
        end -= 1
    return max(end, 1)
