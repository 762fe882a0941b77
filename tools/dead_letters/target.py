"""Where the queues and the table are: named one by one, by a stack's outputs, or by the local system."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from functions.shared.budgets.options import BudgetOptions
from functions.shared.errors import SettingsError
from functions.shared.settings import options_from
from tools.deployed import functions_of

if TYPE_CHECKING:
    import boto3

    from tools.deployment import Deployment


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Two queues and a table, and the session that speaks to them."""

    queue_url: str
    dead_letter_queue_url: str
    table: str
    session: boto3.Session
    endpoint_url: str | None = None
    """None: as the SDK's environment says, such as `AWS_ENDPOINT_URL`."""
    deployment: Deployment | None = None
    """None: its stack was deleted."""

    reminders_url: str = ""
    """Empty: as its generate function has it."""

    def reminders(self) -> str:
        """Return the address of the queue of reminders.

        Raises:
            SettingsError: If it is not known.
        """
        if self.reminders_url:
            return self.reminders_url
        if self.deployment is None:
            raise SettingsError("Name the queue that goes on with deletions: --reminders-url.")
        return functions_of(self.deployment)["generate"].environment["REMINDERS_URL"]

    def budget_options(self) -> BudgetOptions:
        """Return what its worker is told about budgets; the defaults, if its stack was deleted.

        Raises:
            SettingsError: If it has no functions.
        """
        if self.deployment is None:
            return BudgetOptions()
        return options_from(BudgetOptions, functions_of(self.deployment)["worker"].environment)

    @classmethod
    def of(cls, deployment: Deployment) -> Self:
        """Find them in a deployment.

        Raises:
            SettingsError: If it has not the outputs of framestream.
        """
        return cls(
            queue_url=deployment.output("QueueUrl"),
            dead_letter_queue_url=deployment.output("DeadLetterQueueUrl"),
            table=deployment.output("TableName"),
            session=deployment.session,
            endpoint_url=deployment.endpoint_url,
            deployment=deployment,
        )
