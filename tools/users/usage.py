"""Answers and tokens by user and day, as far as they are still stored. No I/O."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from functions.shared.generations.model import Status

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from functions.shared.generations.model import Generation


@dataclass(slots=True)
class Use:
    """What one user asked for on one day, by the day (UTC) on which the prompt was accepted."""

    prompts: int = 0
    completed: int = 0
    failed: int = 0
    cancelled: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    uncounted: int = 0
    """Ended answers whose provider told no tokens."""

    def add(self, generation: Generation) -> None:
        """Add one generation."""
        self.prompts += 1
        self.completed += generation.status is Status.COMPLETED
        self.failed += generation.status is Status.FAILED
        self.cancelled += generation.status is Status.CANCELLED
        usage = generation.outcome.usage if generation.outcome else None
        if usage:
            self.prompt_tokens += usage.prompt_tokens
            self.completion_tokens += usage.completion_tokens
        elif generation.status is Status.COMPLETED:
            self.uncounted += 1


def by_user_and_day(
    generations: Iterable[Generation], *, since: date | None = None
) -> dict[tuple[str, date], Use]:
    """Add all up, ordered by day and user."""
    uses: dict[tuple[str, date], Use] = {}
    for generation in generations:
        day = generation.created_at.date()
        if since is None or day >= since:
            uses.setdefault((generation.user_id, day), Use()).add(generation)
    return dict(sorted(uses.items(), key=lambda entry: (entry[0][1], entry[0][0])))


def row(user_id: str, day: date, use: Use) -> dict[str, Any]:
    """Return one line of the table for programs."""
    counts = {name: getattr(use, name) for name in Use.__slots__}
    return {"day": day.isoformat(), "user_id": user_id, **counts}
