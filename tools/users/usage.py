"""What calls of the model have used, by user and day, as the ledger has it. No I/O."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from functions.shared.budgets.items import LINE, line_from
from functions.shared.budgets.money import dollars_of
from functions.shared.dynamodb import text_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from functions.shared.budgets.model import LedgerLine
    from functions.shared.dynamodb import Item

COUNTS = (
    *("answers", "calls", "void_calls", "estimates", "input_tokens", "cached_tokens", "output_tokens"),
    *("reasoning_tokens", "micros", "unpriced"),
)


@dataclass(slots=True)
class Use:
    """What one user has used on one day (UTC), void calls included."""

    generations: set[str] = field(default_factory=set)
    calls: int = 0
    void_calls: int = 0
    """Of attempts that were given up; they are the operator's, unless `voided_attempts_count` is set."""
    estimates: int = 0
    """Calls whose provider told no tokens."""
    input_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    reasoning_tokens: int = 0
    micros: int = 0
    unpriced: int = 0
    """Calls of models without a price, which `micros` lacks."""

    @property
    def answers(self) -> int:
        """How many generations the calls were for."""
        return len(self.generations)

    def add(self, generation_id: str, line: LedgerLine) -> None:
        """Add one call."""
        self.generations.add(generation_id)
        self.calls += 1
        self.void_calls += line.is_void
        self.estimates += line.is_estimate
        self.input_tokens += line.input_tokens
        self.cached_tokens += line.cached_tokens
        self.output_tokens += line.output_tokens
        self.reasoning_tokens += line.reasoning_tokens
        self.micros += line.micros or 0
        self.unpriced += line.micros is None


def by_user_and_day(lines: Iterable[Item], *, since: date | None = None) -> dict[tuple[str, date], Use]:
    """Add all up, ordered by day and user."""
    uses: dict[tuple[str, date], Use] = {}
    for item in lines:
        moment, generation_id, *_ = text_of(item, "sk").removeprefix(LINE).split("#")
        day = date.fromisoformat(moment[:10])
        if since is None or day >= since:
            user_id = text_of(item, "pk").removeprefix("BUDGET#")
            uses.setdefault((user_id, day), Use()).add(generation_id, line_from(item))
    return dict(sorted(uses.items(), key=lambda entry: (entry[0][1], entry[0][0])))


def row(user_id: str, day: date, use: Use) -> dict[str, Any]:
    """Return one line of the table for programs."""
    counts = {name: getattr(use, name) for name in COUNTS}
    return {"day": day.isoformat(), "user_id": user_id, **counts}


def dollars(use_row: dict[str, Any]) -> str:
    """What a line has cost, for people."""
    return dollars_of(use_row["micros"])
