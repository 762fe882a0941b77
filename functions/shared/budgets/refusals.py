"""How a prompt is refused that no budget is left for."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING

from functions.shared.budgets.periods import Period, end_of, seconds_until
from functions.shared.errors import ReportedError
from functions.shared.times import rfc3339

if TYPE_CHECKING:
    from datetime import datetime

    from functions.shared.budgets.model import Scope

SOON = timedelta(seconds=5)
"""What is held is free again when an answer ends, and when that is cannot be known."""
SENTENCES = {
    Period.DAY: "Today's budget is used up.",
    Period.MONTH: "This month's budget is used up.",
    Period.HELD: "The answers that are under way may use all that is left of the budget.",
}


class BudgetExceeded(ReportedError):
    """More than is left of a budget; `resets_at` says when there is more, and `limit` which limit it is."""

    status = HTTPStatus.TOO_MANY_REQUESTS
    code = "budget_exceeded"

    def headers(self) -> dict[str, str]:
        """Say when to try again (RFC 9110 §10.2.3)."""
        return {"Retry-After": str(self.facts["retry_after"])}


def exceeded(scope: Scope, period: Period, unit: str, *, now: datetime) -> BudgetExceeded:
    """Say that a limit is reached.

    Args:
        scope: Whose use is limited.
        period: For which time.
        unit: `tokens` or `usd`.
        now: The time.
    """
    resets_at = end_of(period, now=now) or now + SOON
    sentence = SENTENCES[period]
    limit = f"{scope}_{period}_{unit}"
    return BudgetExceeded(
        sentence,
        reason=f"budget_{limit}",
        facts={
            "retry_after": seconds_until(resets_at, now=now),
            "resets_at": rfc3339(resets_at),
            "limit": limit,
        },
    )
