"""What `up` is doing and how long each step took: live on a terminal, plain lines anywhere else."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.progress import Progress, ProgressColumn, SpinnerColumn, TextColumn
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console
    from rich.progress import Task, TaskID


class Steps:
    """The steps of coming up; several may be under way at once."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live = Progress(
            SpinnerColumn(finished_text="[green]✓"),
            TextColumn("{task.description}"),
            _Seconds(),
            console=console,
            disable=not console.is_terminal,
        )

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Show them until the end of the context, and what became of them afterwards."""
        with self._live:
            yield

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """Time one step, and say so if it does not come to its end."""
        begun = time.monotonic()
        task = self._live.add_task(title, total=1)
        try:
            yield
        except BaseException as error:
            self._end(task, f"[red]{title}: {'failed' if isinstance(error, Exception) else 'stopped'}", begun)
            raise
        self._end(task, title, begun)

    def _end(self, task: TaskID, title: str, begun: float) -> None:
        self._live.update(task, description=title, completed=1)
        if not self._console.is_terminal:
            self._console.print(f"{title} ({time.monotonic() - begun:.1f} s)", highlight=False)


class _Seconds(ProgressColumn):
    """How long the step has taken so far, or took."""

    def render(self, task: Task) -> Text:
        seconds = task.finished_time if task.finished else task.elapsed
        return Text(f"{seconds or 0:5.1f} s", style="dim")
