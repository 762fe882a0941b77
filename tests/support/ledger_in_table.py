"""A ledger in a real table, with a budget for each user and for the deployment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions.generate.under_way import GenerationEnds
from functions.shared.budgets.counters import DEPLOYMENT_ID, count_from, partition
from functions.shared.budgets.items import HOLD, LINE, line_from
from functions.shared.budgets.ledger import BudgetLedger
from functions.shared.budgets.options import BudgetOptions
from functions.shared.budgets.sweep import Sweep
from functions.shared.dynamodb import s
from functions.shared.generations.reader import GenerationReader
from functions.shared.transactions import Transactions
from tests.support.builders import USER
from tests.support.environment import TABLE_NAME

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from functions.shared.budgets.model import Count, LedgerLine
    from functions.shared.dynamodb import Item

BUDGET = (("day_tokens", 1_000_000), ("held_tokens", 1_000_000))


class LedgerInTable:
    """What stands in the table about budgets."""

    def __init__(self, client: DynamoDBClient) -> None:
        self.client = client

    @property
    def ledger(self) -> BudgetLedger:
        options = BudgetOptions(user_budget=BUDGET, deployment_budget=BUDGET)
        return BudgetLedger(
            client=self.client,
            table=TABLE_NAME,
            options=options,
            sweep=Sweep(
                transactions=Transactions(self.client, TABLE_NAME),
                ends=GenerationEnds(GenerationReader(self.client, TABLE_NAME)),
                options=options,
                count=lambda: None,
            ),
        )

    def holds(self, user_id: str = USER) -> list[str]:
        """The generations for which something is held."""
        return [item["sk"]["S"].removeprefix(HOLD) for item in self._of(user_id, HOLD)]

    def lines(self, user_id: str = USER) -> list[LedgerLine]:
        """A user's ledger."""
        return [line_from(item) for item in self._of(user_id, LINE)]

    def day(self, user_id: str = USER) -> Count:
        """What is counted of a user today."""
        [item] = self._of(user_id, "DAY#")
        return count_from(item)

    def of_deployment(self) -> list[Count]:
        """What is counted of all users together: today, this month, and what is held."""
        return [
            count_from(item) for part in ("DAY#", "MONTH#", "HELD") for item in self._of(DEPLOYMENT_ID, part)
        ]

    def _of(self, owner: str, prefix: str) -> list[Item]:
        return self.client.query(
            TableName=TABLE_NAME,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
            ExpressionAttributeValues={":pk": partition(owner), ":prefix": s(prefix)},
        )["Items"]
