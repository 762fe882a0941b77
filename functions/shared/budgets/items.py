"""How holds, ledger lines and overrides lie in the table: in their user's partition, beside the counters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from functions.shared.budgets.counters import Counter, counter_at, partition
from functions.shared.budgets.limits import NAMES
from functions.shared.budgets.model import Amount, LedgerLine, Purpose, Scope
from functions.shared.dynamodb import Item, moment_from_milliseconds, n, number_of, s, text_of
from functions.shared.times import epoch_milliseconds, epoch_seconds, rfc3339

if TYPE_CHECKING:
    from datetime import datetime

    from functions.shared.budgets.limits import BudgetLimits

HOLD = "HOLD#"
LINE = "LINE#"
OVERRIDE = "LIMITS"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """What a generation may use at most, until its end says what it has used."""

    user_id: str
    generation_id: str
    amount: Amount
    counters: tuple[Counter, ...]
    """Those that it is committed in: the day and month of its acceptance, whenever it ends."""
    since: datetime
    until: datetime
    """When its generation should have ended; afterwards it is looked at whether it has."""


def hold_key(user_id: str, generation_id: str) -> Item:
    """The item of a hold."""
    return {"pk": partition(user_id), "sk": s(f"{HOLD}{generation_id}")}


def hold_item(hold: Hold, *, expires_at: datetime) -> Item:
    """Write a hold."""
    parts = {
        scope: [s(counter.part) for counter in hold.counters if counter.scope is scope] for scope in Scope
    }
    return hold_key(hold.user_id, hold.generation_id) | {
        "tokens": n(hold.amount.tokens),
        "micros": n(hold.amount.micros),
        **{str(scope): {"L": found} for scope, found in parts.items() if found},
        "since": n(epoch_milliseconds(hold.since)),
        "until": n(epoch_milliseconds(hold.until)),
        "expires_at": n(epoch_seconds(expires_at)),
    }


def hold_from(item: Item) -> Hold:
    """Read a hold."""
    user_id = text_of(item, "pk").removeprefix("BUDGET#")
    owners = {Scope.USER: user_id, Scope.DEPLOYMENT: ""}
    return Hold(
        user_id=user_id,
        generation_id=text_of(item, "sk").removeprefix(HOLD),
        amount=Amount(number_of(item, "tokens"), number_of(item, "micros")),
        counters=tuple(
            counter_at(scope, owner, part["S"])
            for scope, owner in owners.items()
            for part in item.get(scope, {}).get("L", [])
        ),
        since=moment_from_milliseconds(number_of(item, "since")),
        until=moment_from_milliseconds(number_of(item, "until")),
    )


def line_item(
    user_id: str, generation_id: str, line: LedgerLine, *, at: datetime, price_date: str, expires_at: datetime
) -> Item:
    """Write a ledger line."""
    item: Item = {
        "pk": partition(user_id),
        "sk": s(f"{LINE}{rfc3339(at).removesuffix('Z')}#{generation_id}#{line.attempt}#{line.call}"),
        "model": s(line.model),
        "purpose": s(line.purpose),
        "expires_at": n(epoch_seconds(expires_at)),
    }
    for name in ("input_tokens", "output_tokens", "cached_tokens", "reasoning_tokens"):
        item[name] = n(getattr(line, name))
    if line.micros is not None:
        item |= {"micros": n(line.micros), "price_date": s(price_date)}
    flags = {"is_estimate": line.is_estimate, "is_void": line.is_void}
    return item | {name: {"BOOL": True} for name, is_set in flags.items() if is_set}


def line_from(item: Item) -> LedgerLine:
    """Read a ledger line."""
    *_, attempt, call = text_of(item, "sk").split("#")
    return LedgerLine(
        attempt=int(attempt),
        call=int(call),
        model=text_of(item, "model"),
        input_tokens=number_of(item, "input_tokens"),
        output_tokens=number_of(item, "output_tokens"),
        cached_tokens=number_of(item, "cached_tokens"),
        reasoning_tokens=number_of(item, "reasoning_tokens"),
        micros=number_of(item, "micros") if "micros" in item else None,
        is_estimate="is_estimate" in item,
        is_void="is_void" in item,
        purpose=Purpose(text_of(item, "purpose")),
    )


def override_key(user_id: str) -> Item:
    """The item of an operator's limits for one user."""
    return {"pk": partition(user_id), "sk": s(OVERRIDE)}


def override_item(user_id: str, limits: BudgetLimits, *, expires_at: datetime) -> Item:
    """Write an override. A limit that is taken away is not the same as one that is not named."""
    written: Item = {
        name: {"NULL": True} if value is None else n(value) for name, value in limits.items() if name in NAMES
    }
    return override_key(user_id) | written | {"expires_at": n(epoch_seconds(expires_at))}


def override_from(item: Item) -> BudgetLimits:
    """Read an override."""
    return {name: None if "NULL" in item[name] else number_of(item, name) for name in NAMES if name in item}
