"""What is counted: of a user and of the deployment, for a day, for a month, and what is held right now.

A counter has what was used, and what is committed: that, and the holds of answers under way. They are two
numbers, so that one condition on `committed` decides whether there is room for another hold.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from functions.shared.budgets.limits import is_near
from functions.shared.budgets.model import NOTHING, Amount, Count, Scope
from functions.shared.budgets.periods import Period, day_of, month_of
from functions.shared.dynamodb import Item, n, number_of, s
from functions.shared.times import epoch_seconds
from functions.shared.transactions import Entry, update

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

    from functions.shared.budgets.limits import BudgetLimits

DEPLOYMENT_ID = ""
"""Stands for all users together; no user has an empty id."""
HELD = "HELD"
MONTH_AND_MORE = timedelta(days=32)
ROOM = (
    "(attribute_not_exists(committed_tokens) OR committed_tokens <= :room_tokens) AND "
    "(attribute_not_exists(committed_micros) OR committed_micros <= :room_micros)"
)
ENDLESS = 10**18
"""Room where there is no limit."""


@dataclass(frozen=True, slots=True)
class Room:
    """How much may be committed already for a hold to fit; None: any amount."""

    tokens: int | None
    micros: int | None

    def lacks(self, committed: Amount) -> str:
        """Name the unit of which there is too little, `tokens` or `usd`; empty if there is enough."""
        if self.tokens is not None and committed.tokens > self.tokens:
            return "tokens"
        return "usd" if self.micros is not None and committed.micros > self.micros else ""

    def for_growth(self, amount: Amount) -> Room:
        """The same, without a limit where nothing more is asked for."""
        return Room(self.tokens if amount.tokens > 0 else None, self.micros if amount.micros > 0 else None)


@dataclass(frozen=True, slots=True)
class Counter:
    """One item that counts."""

    scope: Scope
    owner: str
    """A user's id, or DEPLOYMENT_ID."""
    period: Period
    part: str
    """Its sort key: `DAY#2026-11-27`, `MONTH#2026-11` or `HELD`."""

    @property
    def key(self) -> Item:
        """Where it lies."""
        return {"pk": partition(self.owner), "sk": s(self.part)}

    def room(self, limits: BudgetLimits, amount: Amount) -> Room:
        """How much may be committed for an amount to fit; below zero where it never fits."""
        tokens, micros = limits.get(f"{self.period}_tokens"), limits.get(f"{self.period}_usd")
        return Room(
            None if tokens is None else tokens - amount.tokens,
            None if micros is None else micros - amount.micros,
        )

    def is_near(self, limits: BudgetLimits, committed: Amount) -> bool:
        """Whether so much is committed that the user is warned."""
        tokens, micros = limits.get(f"{self.period}_tokens"), limits.get(f"{self.period}_usd")
        return is_near(committed.tokens, tokens) or is_near(committed.micros, micros)

    def commit(self, amount: Amount, room: Room, *, expires_at: datetime) -> Entry:
        """Add a hold, if there is room. The entry's name tells `refused_by` all that it needs."""
        values = {
            ":room_tokens": n(ENDLESS if room.tokens is None else room.tokens),
            ":room_micros": n(ENDLESS if room.micros is None else room.micros),
        }
        name = f"budget {self.scope} {self.period} {room.tokens} {room.micros}"
        return self._add(name, expires_at, committed=amount, condition=ROOM, values=values)

    def settle(self, *, used: Amount, held: Amount, expires_at: datetime) -> Entry:
        """Count what was used, in the place of what was held; what is held right now counts holds alone."""
        if self.period is Period.HELD:
            used = NOTHING
        name = f"budget {self.scope} {self.period} settled"
        return self._add(name, expires_at, committed=used - held, used=used)

    def _add(
        self,
        name: str,
        expires_at: datetime,
        *,
        committed: Amount,
        used: Amount = NOTHING,
        condition: str = "",
        values: Mapping[str, Any] | None = None,
    ) -> Entry:
        expression = (
            "SET expires_at = :expires_at ADD committed_tokens :tokens, committed_micros :micros, "
            "used_tokens :used_tokens, used_micros :used_micros"
        )
        added = {
            ":expires_at": n(epoch_seconds(expires_at)),
            ":tokens": n(committed.tokens),
            ":micros": n(committed.micros),
            ":used_tokens": n(used.tokens),
            ":used_micros": n(used.micros),
        }
        return update(name, self.key, expression, condition, {**added, **(values or {})})


def partition(owner: str) -> AttributeValueTypeDef:
    """The partition of a user's budget, or of the deployment's."""
    return s(f"BUDGET#{owner}")


def periods_of(scope: Scope, owner: str, moment: datetime) -> tuple[Counter, Counter]:
    """The counters of a moment's day and month."""
    return (
        Counter(scope, owner, Period.DAY, f"DAY#{day_of(moment)}"),
        Counter(scope, owner, Period.MONTH, f"MONTH#{month_of(moment)}"),
    )


def held_counter(scope: Scope, owner: str) -> Counter:
    """The counter of what is held right now."""
    return Counter(scope, owner, Period.HELD, HELD)


def counter_at(scope: Scope, owner: str, part: str) -> Counter:
    """The counter with this sort key."""
    period = Period.HELD if part == HELD else Period(part.partition("#")[0].lower())
    return Counter(scope, owner, period, part)


def count_from(item: Item) -> Count:
    """Read a counter; nothing is counted in one that is not there."""
    return Count(
        Amount(number_of(item, "used_tokens"), number_of(item, "used_micros")),
        Amount(number_of(item, "committed_tokens"), number_of(item, "committed_micros")),
    )


def refused_by(name: str, item: Item) -> tuple[Counter, str]:
    """Say which counter refused a hold, and what there is too little of; nothing if there is room by now."""
    _, scope, period, tokens, micros = name.split(" ")
    room = Room(*(None if text == "None" else int(text) for text in (tokens, micros)))
    counter = Counter(Scope(scope), "", Period(period), "")
    return counter, room.lacks(count_from(item).committed)


def kept_until(moment: datetime, *, days: int) -> datetime:
    """How long counters, holds and lines of a moment are kept."""
    return moment.astimezone(UTC) + timedelta(days=days) + MONTH_AND_MORE
