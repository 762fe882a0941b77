"""Takes holds: what an answer may use at most is committed in the transaction that accepts its prompt.

A hold is what the prompt is estimated at and the largest output, in tokens and at the model's price. It is an
item named by the generation, with an end. Beside it each counter of its user, and of the deployment if that
has a budget, grows by the same, on condition that there is room: so no two prompts take the same room.

What was counted is looked at first, since most refusals need no transaction. Where there is no limit at all
nothing is held.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from functions.shared.budgets.counters import (
    DEPLOYMENT_ID,
    Scope,
    count_from,
    held_counter,
    kept_until,
    partition,
    periods_of,
    refused_by,
)
from functions.shared.budgets.items import HOLD, OVERRIDE, Hold, hold_from, hold_item, hold_key, override_from
from functions.shared.budgets.limits import is_limited, limits_money, together
from functions.shared.budgets.model import Amount, Standing
from functions.shared.budgets.refusals import exceeded
from functions.shared.budgets.settlements import BudgetSettlements
from functions.shared.dynamodb import Item, s, text_of
from functions.shared.errors import Forbidden
from functions.shared.log import Log
from functions.shared.transactions import Entry, put

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from functions.shared.budgets.counters import Counter
    from functions.shared.budgets.limits import BudgetLimits
    from functions.shared.budgets.refusals import BudgetExceeded
    from functions.shared.budgets.sweep import Sweep
    from functions.shared.generations.model import Generation
    from functions.shared.transactions import Cancelled

logger = Log(__name__)

ENDS_WITHIN = timedelta(minutes=30)
"""After the latest beginning an answer has ended: a generation takes at most a quarter of an hour."""
NAME = "budget"
"""Every entry's name begins with it."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What was found of a user's budget."""

    items: Mapping[str, Item] = field(repr=False)
    """By their sort keys: today's counter, what is held, holds, and the override."""

    @property
    def override(self) -> BudgetLimits:
        """The limits that an operator has set for this user."""
        return override_from(self.items.get(OVERRIDE, {}))

    @property
    def holds(self) -> list[Hold]:
        """The user's holds."""
        return [hold_from(item) for part, item in self.items.items() if part.startswith(HOLD)]


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetLedger(BudgetSettlements):
    """Holds what generations may use, and ends the holds."""

    sweep: Sweep

    def hold(
        self, generation: Generation, *, input_tokens: int, now: datetime, claim: BudgetLimits | None = None
    ) -> list[Entry]:
        """Hold what a generation may use at most; nothing where there is no limit.

        A hold that it has already is taken over.

        Raises:
            BudgetExceeded: If there is too little left.
            Forbidden: If money is limited, and what the model costs is not known.
        """
        user_id = generation.user_id
        seen = self._seen(user_id, now)
        limits = {
            Scope.USER: self._limits_of_user(seen, claim),
            Scope.DEPLOYMENT: dict(self.options.deployment_budget),
        }
        if not any(map(is_limited, limits.values())):
            return []
        key = hold_key(user_id, generation.generation_id)
        if text_of(key, "sk") in seen.items:
            return [Entry(f"{NAME} hold", "ConditionCheck", {"Key": key}, condition="attribute_exists(pk)")]
        amount = self._amount(generation.model, input_tokens, limits)
        counters = self._counters(user_id, limits, now)
        short = _short(counters, limits, amount, seen)
        if short and self.sweep.release_ended(seen.holds, now=now):
            short = _short(counters, limits, amount, self._seen(user_id, now))
        if short:
            raise exceeded(*short, now=now)
        return self._entries(generation, counters, limits, amount, now)

    def refusal(self, cancelled: Cancelled, *, now: datetime) -> BudgetExceeded | None:
        """Say which limit refused a transaction; None if no budget did, or if there is room by now."""
        for name, item in cancelled.refused.items():
            if not name.startswith(NAME) or name == f"{NAME} hold":
                continue
            counter, unit = refused_by(name, item)
            if unit and not (counter.scope is Scope.USER and self._released(item, now)):
                return exceeded(counter, unit, now=now)
        return None

    def standing(self, user_id: str, *, claim: BudgetLimits | None, now: datetime) -> Standing:
        """Return how a user's budget stands."""
        seen = self._seen(user_id, now)
        day, month = periods_of(Scope.USER, user_id, now)
        reply = self.client.get_item(TableName=self.table, Key=month.key, ConsistentRead=True)
        return Standing(
            day=count_from(seen.items.get(day.part, {})),
            month=count_from(reply.get("Item", {})),
            limits=self._limits_of_user(seen, claim),
        )

    def _limits_of_user(self, seen: Seen, claim: BudgetLimits | None) -> BudgetLimits:
        return together(dict(self.options.user_budget), claim or {}, seen.override)

    def _released(self, item: Item, now: datetime) -> int:
        user_id = text_of(item, "pk").removeprefix("BUDGET#")
        return self.sweep.release_ended(self._seen(user_id, now).holds, now=now)

    def _seen(self, user_id: str, now: datetime) -> Seen:
        """Read, in one go, what lies between today's counter and the override: all holds are there too."""
        day, _ = periods_of(Scope.USER, user_id, now)
        reply = self.client.query(
            TableName=self.table,
            KeyConditionExpression="pk = :pk AND sk BETWEEN :day AND :override",
            ExpressionAttributeValues={
                ":pk": partition(user_id),
                ":day": s(day.part),
                ":override": s(OVERRIDE),
            },
            ConsistentRead=True,
        )
        return Seen({text_of(item, "sk"): item for item in reply["Items"]})

    def _amount(self, model: str, input_tokens: int, limits: Mapping[Scope, BudgetLimits]) -> Amount:
        output = self.options.largest_output
        price = self.options.price_of(model)
        if price is None:
            if any(map(limits_money, limits.values())):
                logger.warning("money is limited, and the model has no price", model=model)
                raise Forbidden("budget_without_price")
            return Amount(input_tokens + output)
        return Amount(input_tokens + output, price.at_most(input_tokens=input_tokens, output_tokens=output))

    def _counters(
        self, user_id: str, limits: Mapping[Scope, BudgetLimits], now: datetime
    ) -> tuple[Counter, ...]:
        """The user's always; the deployment's, which all prompts share, only if it has a budget."""
        counters: list[Counter] = []
        for scope, owner in ((Scope.USER, user_id), (Scope.DEPLOYMENT, DEPLOYMENT_ID)):
            if scope is Scope.USER or is_limited(limits[scope]):
                counters += periods_of(scope, owner, now)
            if any(limits[scope].get(name) is not None for name in ("held_tokens", "held_usd")):
                counters.append(held_counter(scope, owner))
        return tuple(counters)

    def _entries(
        self,
        generation: Generation,
        counters: tuple[Counter, ...],
        limits: Mapping[Scope, BudgetLimits],
        amount: Amount,
        now: datetime,
    ) -> list[Entry]:
        expires_at = kept_until(now, days=self.options.ledger_days)
        hold = Hold(
            user_id=generation.user_id,
            generation_id=generation.generation_id,
            amount=amount,
            counters=counters,
            since=now,
            until=generation.start_by + ENDS_WITHIN,
        )
        return [
            put(f"{NAME} hold", hold_item(hold, expires_at=expires_at), "attribute_not_exists(pk)"),
            *(
                counter.commit(amount, counter.room(limits[counter.scope], amount), expires_at=expires_at)
                for counter in counters
            ),
        ]


def _short(
    counters: tuple[Counter, ...], limits: Mapping[Scope, BudgetLimits], amount: Amount, seen: Seen
) -> tuple[Counter, str] | None:
    """Say what there is too little of, by what was seen. The condition of a counter that was not decides."""
    for counter in counters:
        item = seen.items.get(counter.part, {}) if counter.scope is Scope.USER else {}
        if unit := counter.room(limits[counter.scope], amount).lacks(count_from(item).committed):
            return counter, unit
    return None
