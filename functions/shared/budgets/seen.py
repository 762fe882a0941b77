"""Reads how a user's budget stands: today's counter, what is held, holds and the override, in one call."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from functions.shared.budgets.counters import count_from, partition, periods_of
from functions.shared.budgets.items import HOLD, OVERRIDE, Hold, hold_from, hold_key, override_from
from functions.shared.budgets.model import Scope
from functions.shared.dynamodb import Item, s, text_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from mypy_boto3_dynamodb import DynamoDBClient

    from functions.shared.budgets.counters import Counter
    from functions.shared.budgets.limits import BudgetLimits
    from functions.shared.budgets.model import Count


@dataclass(frozen=True, slots=True)
class Seen:
    """What was found of a user's budget."""

    user_id: str
    items: Mapping[str, Item] = field(repr=False)
    """By their sort keys."""

    @property
    def override(self) -> BudgetLimits:
        """The limits that an operator has set for this user."""
        return override_from(self.items.get(OVERRIDE, {}))

    @property
    def holds(self) -> list[Hold]:
        """The user's holds."""
        return [hold_from(item) for part, item in self.items.items() if part.startswith(HOLD)]

    def hold(self, generation_id: str) -> Hold | None:
        """A generation's hold; None if it has none."""
        item = self.items.get(text_of(hold_key(self.user_id, generation_id), "sk"))
        return hold_from(item) if item else None

    def count(self, counter: Counter) -> Count:
        """What a counter says; nothing, if it is none of those that were read."""
        return count_from(self.items.get(counter.part, {}) if counter.owner == self.user_id else {})


def seen(client: DynamoDBClient, table: str, user_id: str, *, now: datetime) -> Seen:
    """Read what lies between today's counter and the override."""
    day, _ = periods_of(Scope.USER, user_id, now)
    reply = client.query(
        TableName=table,
        KeyConditionExpression="pk = :pk AND sk BETWEEN :day AND :override",
        ExpressionAttributeValues={
            ":pk": partition(user_id),
            ":day": s(day.part),
            ":override": s(OVERRIDE),
        },
        ConsistentRead=True,
    )
    return Seen(user_id, {text_of(item, "sk"): item for item in reply["Items"]})
