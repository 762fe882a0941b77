"""Ends holds: in the transaction that records an end, what was used takes the place of what was held.

A hold is deleted on condition that it is there, so it is settled once. What was used is counted also where
nothing was held, and where it is more than was held or is allowed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from functions.shared.budgets.counters import DEPLOYMENT_ID, kept_until, periods_of
from functions.shared.budgets.items import Hold, hold_from, hold_key, line_item
from functions.shared.budgets.model import NOTHING, Scope
from functions.shared.transactions import delete, put

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from mypy_boto3_dynamodb import DynamoDBClient

    from functions.shared.budgets.counters import Counter
    from functions.shared.budgets.model import Amount, LedgerLine
    from functions.shared.budgets.options import BudgetOptions
    from functions.shared.generations.model import Generation
    from functions.shared.transactions import Entry

HOLD_ENDED = "budget hold"


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetSettlements:
    """Settles what generations have used."""

    client: DynamoDBClient
    table: str
    options: BudgetOptions

    def release(self, generation: Generation) -> list[Entry]:
        """Give a hold back of which nothing was used."""
        return self.settle(generation, (), now=generation.created_at)

    def settle(self, generation: Generation, lines: Sequence[LedgerLine], *, now: datetime) -> list[Entry]:
        """Replace a hold by what was used, and note each call of the model."""
        hold = self.hold_of(generation.user_id, generation.generation_id)
        if hold is None and not lines:
            return []
        accepted_at = hold.since if hold else generation.created_at
        held = dict.fromkeys(hold.counters, hold.amount) if hold else {}
        entries = [ended(hold)] if hold else []
        entries += self._counted(generation.user_id, lines, held, at=accepted_at)
        return entries + self._noted(generation.user_id, generation.generation_id, lines, now=now)

    def record(self, generation: Generation, lines: Sequence[LedgerLine], *, now: datetime) -> list[Entry]:
        """Count what was used for a generation after its end, such as a summary, on the day when it was."""
        entries = self._counted(generation.user_id, lines, {}, at=now)
        return entries + self._noted(generation.user_id, generation.generation_id, lines, now=now)

    def hold_of(self, user_id: str, generation_id: str) -> Hold | None:
        """Read a hold; None if there is none."""
        key = hold_key(user_id, generation_id)
        reply = self.client.get_item(TableName=self.table, Key=key, ConsistentRead=True)
        return hold_from(reply["Item"]) if "Item" in reply else None

    def _counted(
        self, user_id: str, lines: Sequence[LedgerLine], held: dict[Counter, Amount], *, at: datetime
    ) -> list[Entry]:
        """Count in every counter that something was held in, or that has to have what was used."""
        needed = [*periods_of(Scope.USER, user_id, at)]
        if self.options.deployment_budget:
            needed += periods_of(Scope.DEPLOYMENT, DEPLOYMENT_ID, at)
        used = {scope: _sum(lines, with_void=self._counts_void(scope)) for scope in Scope}
        expires_at = kept_until(at, days=self.options.ledger_days)
        return [
            counter.settle(used=used[counter.scope], held=held.get(counter, NOTHING), expires_at=expires_at)
            for counter in dict.fromkeys((*held, *needed))
            if counter in held or used[counter.scope] != NOTHING
        ]

    def _counts_void(self, scope: Scope) -> bool:
        """The deployment pays for every call; a user by default for those that brought an answer."""
        return scope is Scope.DEPLOYMENT or self.options.voided_attempts_count

    def _noted(
        self, user_id: str, generation_id: str, lines: Iterable[LedgerLine], *, now: datetime
    ) -> list[Entry]:
        expires_at = kept_until(now, days=self.options.ledger_days)
        return [
            put(
                f"budget line {number}",
                line_item(
                    user_id,
                    generation_id,
                    line,
                    at=now,
                    price_date=price.as_of if (price := self.options.price_of(line.model)) else "",
                    expires_at=expires_at,
                ),
                "attribute_not_exists(pk)",
            )
            for number, line in enumerate(lines)
        ]


def ended(hold: Hold) -> Entry:
    """Delete a hold, once."""
    return delete(HOLD_ENDED, hold_key(hold.user_id, hold.generation_id), "attribute_exists(pk)")


def _sum(lines: Iterable[LedgerLine], *, with_void: bool) -> Amount:
    return sum((line.amount for line in lines if with_void or not line.is_void), start=NOTHING)
