"""Where users see what they have used of their budgets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions.generate.problems import TooManyThisMinute
from functions.generate.routes import route
from functions.shared.budgets.limits import is_near
from functions.shared.budgets.periods import Period, day_of, end_of, month_of
from functions.shared.budgets.token_limits import claimed_limits
from functions.shared.times import rfc3339
from functions.shared.wire.bodies import UserUsage

if TYPE_CHECKING:
    from datetime import datetime

    from functions.generate.api import Api
    from functions.generate.routes import Call
    from functions.shared.budgets.limits import BudgetLimits
    from functions.shared.budgets.model import Count
    from functions.shared.wire import bodies


@route("GET", "/api/chat/usage", returns=UserUsage, refuses=(TooManyThisMinute,))
def read_usage(api: Api, call: Call) -> UserUsage:
    """Say what the user has used today and this month, and how much is allowed."""
    api.read_limit.admit(call.user_id, now=call.now)
    api.read_limit.charge(call.user_id, now=call.now)
    claim = claimed_limits(call.bearer)
    standing = api.ledger.standing(call.user_id, claim=claim, now=call.now)
    return {
        "user_id": call.user_id,
        "day": _period(Period.DAY, day_of(call.now), standing.day, standing.limits, now=call.now),
        "month": _period(Period.MONTH, month_of(call.now), standing.month, standing.limits, now=call.now),
        "timestamp": rfc3339(call.now),
    }


def _period(period: Period, name: str, count: Count, limits: BudgetLimits, *, now: datetime) -> bodies.Period:
    tokens, micros = limits.get(f"{period}_tokens"), limits.get(f"{period}_usd")
    resets_at = end_of(period, now=now)
    assert resets_at is not None
    return {
        "period": name,
        "used_tokens": count.used.tokens,
        "held_tokens": count.held.tokens,
        "limit_tokens": tokens,
        "used_cost": count.used.micros,
        "held_cost": count.held.micros,
        "limit_cost": micros,
        "resets_at": rfc3339(resets_at),
        "is_warned": is_near(count.committed.tokens, tokens) or is_near(count.committed.micros, micros),
    }
