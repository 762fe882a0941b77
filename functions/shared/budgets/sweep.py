"""Releases holds whose generations have ended without settling them. There should be none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from functions.shared.budgets.counters import kept_until
from functions.shared.budgets.model import NOTHING
from functions.shared.budgets.settlements import ended
from functions.shared.log import Log
from functions.shared.transactions import Cancelled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from functions.shared.budgets.items import Hold
    from functions.shared.budgets.options import BudgetOptions
    from functions.shared.budgets.ports import Ends
    from functions.shared.transactions import Transactions

logger = Log(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """Looks after holds, before a budget refuses."""

    transactions: Transactions
    ends: Ends
    options: BudgetOptions
    count: Callable[[], object]
    """Counts a hold that was left over."""

    def release_ended(self, holds: Iterable[Hold], *, now: datetime) -> int:
        """Release those that are out of date. Returns how many there were.

        A generation whose hold was released all the same counts what it uses, when it ends, without a hold.
        """
        return sum(self._release(hold, now) for hold in holds if self._is_left_over(hold, now))

    def _is_left_over(self, hold: Hold, now: datetime) -> bool:
        return hold.until < now and self.ends.has_ended(hold.generation_id, since=hold.since, now=now)

    def _release(self, hold: Hold, now: datetime) -> bool:
        expires_at = kept_until(now, days=self.options.ledger_days)
        given_back = [
            counter.settle(used=NOTHING, held=hold.amount, expires_at=expires_at) for counter in hold.counters
        ]
        try:
            self.transactions.run([ended(hold), *given_back])
        except Cancelled:
            return False  # It was settled just now, or something else is: the next refusal looks again.
        logger.warning("a hold was left over", generation_id=hold.generation_id, user_id=hold.user_id)
        self.count()
        return True
