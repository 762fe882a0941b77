"""Counts what is used for a generation after its end, such as a summary: in one transaction, once."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from functions.shared.errors import Unavailable
from functions.shared.generations.model import Usage
from functions.shared.retry import Retry
from functions.shared.transactions import Cancelled

if TYPE_CHECKING:
    from collections.abc import Callable

    from functions.shared.budgets.model import LedgerLine
    from functions.shared.budgets.settlements import BudgetSettlements
    from functions.shared.generations.model import Generation
    from functions.shared.transactions import Transactions

CONTENDED = Retry(attempts=8, first=0.04, longest=0.64)
"""Transactions for one line; each failure means that another was in the way."""


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class LateLines:
    """Writes lines of generations that have ended."""

    settlements: BudgetSettlements
    transactions: Transactions
    clock: Callable[[], datetime] = _now
    sleep: Callable[[float], object] = time.sleep

    def record(self, generation: Generation, line: LedgerLine) -> None:
        """Note a call at its model's price, and count it.

        Raises:
            Unavailable: If others were in the way again and again.
        """
        entries = self.settlements.record(generation, [self._priced(line)], now=self.clock())
        for _ in CONTENDED.tries(self.sleep):
            try:
                self.transactions.run(entries)
            except Cancelled as cancelled:
                if cancelled.refused:
                    return  # The line is there: our own write, whose reply was lost.
            else:
                return
        raise Unavailable("budget_contended")

    def _priced(self, line: LedgerLine) -> LedgerLine:
        price = self.settlements.options.price_of(line.model)
        if line.micros is not None or price is None:
            return line
        total = line.input_tokens + line.output_tokens
        usage = Usage(line.input_tokens, line.output_tokens, total, cached_tokens=line.cached_tokens)
        return replace(line, micros=price.of(usage))
