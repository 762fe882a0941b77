"""Measures how much of the deployment's budget is used or held, once a minute while prompts come."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from functions.shared.budgets.counters import DEPLOYMENT_ID, count_from, periods_of
from functions.shared.budgets.model import Scope

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mypy_boto3_dynamodb import DynamoDBClient

    from functions.shared.budgets.options import BudgetOptions

EVERY = timedelta(minutes=1)


@dataclass(slots=True, kw_only=True)
class BudgetWatch:
    """Looks at the deployment's counters."""

    client: DynamoDBClient
    table: str
    options: BudgetOptions
    measure: Callable[[int], object]
    """Is told the percentage of the limit that is nearest."""
    _next: datetime | None = field(default=None)

    def look(self, *, now: datetime) -> None:
        """Measure, if there is a budget and the last time is long enough ago."""
        if not self.options.deployment_budget or (self._next is not None and now < self._next):
            return
        self._next = now + EVERY
        if shares := list(self._shares(now)):
            self.measure(max(shares))

    def _shares(self, now: datetime) -> Iterator[int]:
        limits = dict(self.options.deployment_budget)
        for counter in periods_of(Scope.DEPLOYMENT, DEPLOYMENT_ID, now):
            reply = self.client.get_item(TableName=self.table, Key=counter.key)
            committed = count_from(reply.get("Item", {})).committed
            for unit, amount in (("tokens", committed.tokens), ("usd", committed.micros)):
                limit = limits.get(f"{counter.period}_{unit}")
                if limit is not None:
                    yield 100 * amount // limit if limit else 100
