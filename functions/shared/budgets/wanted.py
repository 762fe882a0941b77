"""What one prompt asks of its budgets: how much, of which counters, within which limits."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from functions.shared.budgets.counters import DEPLOYMENT_ID, held_counter, periods_of
from functions.shared.budgets.items import Hold, hold_item
from functions.shared.budgets.limits import is_limited
from functions.shared.budgets.model import Scope
from functions.shared.dynamodb import n
from functions.shared.transactions import put

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from functions.shared.budgets.counters import Counter
    from functions.shared.budgets.limits import BudgetLimits
    from functions.shared.budgets.model import Amount
    from functions.shared.budgets.seen import Seen
    from functions.shared.generations.model import Generation
    from functions.shared.transactions import Entry

    ScopedLimits = Mapping[Scope, BudgetLimits]

ENDS_WITHIN = timedelta(minutes=30)
"""After the latest beginning an answer has ended: a generation takes at most a quarter of an hour."""
HOLD_TAKEN = "budget hold"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A hold that is to be taken."""

    amount: Amount
    limits: ScopedLimits
    counters: tuple[Counter, ...]

    def short(self, seen: Seen) -> tuple[Counter, str] | None:
        """Say what there is too little of, by what was seen; of other counters the condition decides."""
        for counter in self.counters:
            room = counter.room(self.limits[counter.scope], self.amount)
            if unit := room.lacks(seen.count(counter).committed):
                return counter, unit
        return None

    def entries(self, generation: Generation, *, now: datetime, expires_at: datetime) -> list[Entry]:
        """Take the hold, if there is room in every counter."""
        hold = Hold(
            user_id=generation.user_id,
            generation_id=generation.generation_id,
            amount=self.amount,
            counters=self.counters,
            since=now,
            until=generation.start_by + ENDS_WITHIN,
        )
        commits = [
            counter.commit(
                self.amount, counter.room(self.limits[counter.scope], self.amount), expires_at=expires_at
            )
            for counter in self.counters
        ]
        return [put(HOLD_TAKEN, hold_item(hold, expires_at=expires_at), "attribute_not_exists(pk)"), *commits]


def changed(hold: Hold, amount: Amount, limits: ScopedLimits, *, expires_at: datetime) -> list[Entry]:
    """Let a hold be of another amount, if there is room for what it grows by.

    It stays in its counters, which are those of its acceptance: there it is settled.
    """
    more = amount - hold.amount
    unchanged = "#tokens = :tokens AND #micros = :micros"
    before = {":tokens": n(hold.amount.tokens), ":micros": n(hold.amount.micros)}
    commits = [
        counter.commit(
            more, counter.room(limits[counter.scope], more).for_growth(more), expires_at=expires_at
        )
        for counter in hold.counters
    ]
    item = hold_item(replace(hold, amount=amount), expires_at=expires_at)
    return [put(HOLD_TAKEN, item, unchanged, before), *commits]


def counters_of(user_id: str, limits: ScopedLimits, *, now: datetime) -> tuple[Counter, ...]:
    """The user's always; the deployment's, which all prompts share, only if it has a budget."""
    counters: list[Counter] = []
    for scope, owner in ((Scope.USER, user_id), (Scope.DEPLOYMENT, DEPLOYMENT_ID)):
        if scope is Scope.USER or is_limited(limits[scope]):
            counters += periods_of(scope, owner, now)
        if any(limits[scope].get(name) is not None for name in ("held_tokens", "held_usd")):
            counters.append(held_counter(scope, owner))
    return tuple(counters)
