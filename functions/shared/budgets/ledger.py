"""Takes holds: what an answer may use at most is committed in the transaction that accepts its prompt.

A hold is what the prompt is estimated at and the largest output, in tokens and at the model's price. It is an
item named by the generation, with an end. Beside it each counter of its user, and of the deployment if that
has a budget, grows by the same, on condition that there is room: so no two prompts take the same room.

What was counted is looked at first, since most refusals need no transaction. Where there is no limit at all
nothing is held.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from functions.shared.budgets.counters import count_from, kept_until, periods_of, refused_by
from functions.shared.budgets.items import hold_key
from functions.shared.budgets.limits import is_limited, limits_money, together
from functions.shared.budgets.model import NOTHING, Amount, Scope, Standing
from functions.shared.budgets.ports import Held
from functions.shared.budgets.refusals import exceeded
from functions.shared.budgets.seen import Seen, seen
from functions.shared.budgets.settlements import BudgetSettlements
from functions.shared.budgets.wanted import HOLD_TAKEN, Wanted, changed, counters_of
from functions.shared.dynamodb import n, text_of
from functions.shared.errors import Forbidden
from functions.shared.log import Log
from functions.shared.times import epoch_seconds
from functions.shared.transactions import update

if TYPE_CHECKING:
    from datetime import datetime

    from functions.shared.budgets.counters import Counter
    from functions.shared.budgets.limits import BudgetLimits
    from functions.shared.budgets.model import Count
    from functions.shared.budgets.refusals import BudgetExceeded
    from functions.shared.budgets.sweep import Sweep
    from functions.shared.budgets.wanted import ScopedLimits
    from functions.shared.dynamodb import Item
    from functions.shared.generations.model import Generation
    from functions.shared.transactions import Cancelled, Entry

logger = Log(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetLedger(BudgetSettlements):
    """Holds what generations may use, and ends the holds."""

    sweep: Sweep

    def hold(
        self, generation: Generation, *, input_tokens: int, now: datetime, claim: BudgetLimits | None = None
    ) -> Held:
        """Hold what a generation may use at most; nothing where there is no limit.

        A hold that it has already is taken over.

        Raises:
            BudgetExceeded: If there is too little left.
            Forbidden: If money is limited, and what the model costs is not known.
        """
        user_id = generation.user_id
        found = self._seen(user_id, now)
        limits = self._limits(found, claim)
        if not any(map(is_limited, limits.values())):
            return Held([])
        expires_at = kept_until(now, days=self.options.ledger_days)
        if found.hold(generation.generation_id):
            kept = _kept(user_id, generation.generation_id, expires_at=expires_at)
            return Held([kept], self._is_warned(found, limits[Scope.USER], NOTHING, now))
        wanted = Wanted(
            amount=self._amount(generation.model, input_tokens, limits),
            limits=limits,
            counters=counters_of(user_id, limits, now=now),
        )
        short = wanted.short(found)
        if short and self.sweep.release_ended(found.holds, now=now):
            short = wanted.short(self._seen(user_id, now))
        if short:
            counter, unit = short
            raise exceeded(counter.scope, counter.period, unit, now=now)
        is_warned = self._is_warned(found, limits[Scope.USER], wanted.amount, now)
        return Held(wanted.entries(generation, now=now, expires_at=expires_at), is_warned)

    def rehold(
        self, generation: Generation, *, input_tokens: int, now: datetime, claim: BudgetLimits | None = None
    ) -> Held:
        """Hold what a prompt that waits may use at most, after it was changed.

        Raises:
            BudgetExceeded: If it has no hold, and there is too little left.
            Forbidden: If money is limited, and what the model costs is not known.
        """
        found = self._seen(generation.user_id, now)
        before = found.hold(generation.generation_id)
        if before is None:
            return self.hold(generation, input_tokens=input_tokens, now=now, claim=claim)
        limits = self._limits(found, claim)
        amount = self._amount(generation.model, input_tokens, limits)
        expires_at = kept_until(now, days=self.options.ledger_days)
        if amount == before.amount:
            return Held([])
        return Held(changed(before, amount, limits, expires_at=expires_at))

    def refusal(self, cancelled: Cancelled, *, now: datetime) -> BudgetExceeded | None:
        """Say which limit refused a transaction; None if no budget did, or if there is room by now."""
        for name, item in cancelled.refused.items():
            if not name.startswith("budget") or name == HOLD_TAKEN:
                continue
            counter, unit = refused_by(name, item)
            if unit and not (counter.scope is Scope.USER and self._released(item, now)):
                return exceeded(counter.scope, counter.period, unit, now=now)
        return None

    def standing(self, user_id: str, *, claim: BudgetLimits | None, now: datetime) -> Standing:
        """Return how a user's budget stands."""
        found = self._seen(user_id, now)
        day, month = periods_of(Scope.USER, user_id, now)
        return Standing(
            day=found.count(day),
            month=self._count(month),
            limits=self._limits_of_user(found, claim),
        )

    def _is_warned(self, found: Seen, limits: BudgetLimits, more: Amount, now: datetime) -> bool:
        """Whether a limit is near with so much more. The month is read only where it has one."""
        day, month = periods_of(Scope.USER, found.user_id, now)
        if day.is_near(limits, found.count(day).committed + more):
            return True
        has_month = limits.get("month_tokens") is not None or limits.get("month_usd") is not None
        return has_month and month.is_near(limits, self._count(month).committed + more)

    def _count(self, counter: Counter) -> Count:
        reply = self.client.get_item(TableName=self.table, Key=counter.key, ConsistentRead=True)
        return count_from(reply.get("Item", {}))

    def _seen(self, user_id: str, now: datetime) -> Seen:
        return seen(self.client, self.table, user_id, now=now)

    def _limits(self, found: Seen, claim: BudgetLimits | None) -> ScopedLimits:
        return {
            Scope.USER: self._limits_of_user(found, claim),
            Scope.DEPLOYMENT: dict(self.options.deployment_budget),
        }

    def _limits_of_user(self, found: Seen, claim: BudgetLimits | None) -> BudgetLimits:
        return together(dict(self.options.user_budget), claim or {}, found.override)

    def _released(self, item: Item, now: datetime) -> int:
        user_id = text_of(item, "pk").removeprefix("BUDGET#")
        return self.sweep.release_ended(self._seen(user_id, now).holds, now=now)

    def _amount(self, model: str, input_tokens: int, limits: ScopedLimits) -> Amount:
        table = self.options.table
        tokens = input_tokens + table.largest_output(model)
        cost = table.highest_cost(model, input_tokens=input_tokens)
        if cost is None:
            if any(map(limits_money, limits.values())):
                logger.warning("money is limited, and the model has no price", model=model)
                raise Forbidden("budget_without_price")
            return Amount(tokens)
        return Amount(tokens, cost)


def _kept(user_id: str, generation_id: str, *, expires_at: datetime) -> Entry:
    """Take over a hold that is there."""
    values = {":expires_at": n(epoch_seconds(expires_at))}
    key = hold_key(user_id, generation_id)
    return update(HOLD_TAKEN, key, "SET expires_at = :expires_at", "attribute_exists(pk)", values)
