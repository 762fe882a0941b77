"""Gives back to the deployment's budget what is held for a user whose data are erased.

The user's own counters go with all else; the deployment's stay, and would hold for ever what no end settles.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from functions.shared.budgets.counters import kept_until
from functions.shared.budgets.items import hold_from
from functions.shared.budgets.model import NOTHING, Scope
from functions.shared.budgets.options import BudgetOptions
from functions.shared.budgets.settlements import ended
from functions.shared.chats.ends import CONTENDED
from functions.shared.settings import options_from
from functions.shared.transactions import Cancelled, Transactions
from tools.command_line import Impossible
from tools.deployed import functions_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from functions.shared.dynamodb import Item
    from tools.deployment import Deployment


@dataclass(frozen=True, slots=True)
class HoldErasure:
    """Deletes holds."""

    transactions: Transactions
    ledger_days: int
    sleep: Callable[[float], object] = time.sleep

    def erase(self, item: Item, *, now: datetime) -> None:
        """Delete a hold, and give back what it is in counters that stay; one that is gone is no matter.

        Raises:
            Impossible: If others used those counters again and again.
        """
        hold = hold_from(item)
        expires_at = kept_until(now, days=self.ledger_days)
        given_back = [
            counter.settle(used=NOTHING, held=hold.amount, expires_at=expires_at)
            for counter in hold.counters
            if counter.scope is Scope.DEPLOYMENT
        ]
        for _ in CONTENDED.tries(self.sleep):
            try:
                self.transactions.run([ended(hold), *given_back])
            except Cancelled as cancelled:
                if not cancelled.is_passing:
                    return
            else:
                return
        raise Impossible("The deployment's budget was changed by others again and again. Run this again.")


def hold_erasure(deployment: Deployment) -> HoldErasure:
    """Read how long a deployment keeps its counters.

    Raises:
        SettingsError: If it has no functions.
    """
    options = options_from(BudgetOptions, functions_of(deployment)["worker"].environment)
    transactions = Transactions(deployment.dynamodb(), deployment.output("TableName"))
    return HoldErasure(transactions, options.ledger_days)
