"""What the state machine needs of the budgets, entries of its own transactions; and what they need of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from functions.shared.budgets.limits import BudgetLimits
    from functions.shared.budgets.model import LedgerLine
    from functions.shared.errors import ReportedError
    from functions.shared.generations.model import Generation
    from functions.shared.transactions import Cancelled, Entry


class Held(NamedTuple):
    """What is written to take a hold."""

    entries: list[Entry]
    is_warned: bool = False
    """Whether with it four fifths of the user's limit for the day or month are used or held."""


class Holds(Protocol):
    """Takes holds, in the transaction that accepts a prompt, or changes one."""

    def hold(
        self, generation: Generation, *, input_tokens: int, now: datetime, claim: BudgetLimits | None = None
    ) -> Held:
        """Hold what a generation may use at most; nothing where there is no limit.

        Args:
            generation: As it is to be recorded.
            input_tokens: What is estimated to be sent.
            now: The time.
            claim: The limits that its user's token brings.

        Raises:
            BudgetExceeded: If there is too little left.
            Forbidden: If money is limited, and what the model costs is not known.
        """

    def rehold(
        self, generation: Generation, *, input_tokens: int, now: datetime, claim: BudgetLimits | None = None
    ) -> Held:
        """Let the hold of a prompt that waits be of another amount, after it was changed. See `hold`."""

    def refusal(self, cancelled: Cancelled, *, now: datetime) -> ReportedError | None:
        """Say which limit refused a transaction; None if no budget did, or if there is room by now."""


class Settlements(Protocol):
    """Ends holds, in the transaction that records an end."""

    def release(self, generation: Generation) -> list[Entry]:
        """Give a hold back of which nothing was used."""

    def settle(self, generation: Generation, lines: Sequence[LedgerLine], *, now: datetime) -> list[Entry]:
        """Replace a hold by what was used. Every entry's name begins with `budget`."""


class Ledger(Holds, Settlements, Protocol):
    """All of it."""


class Ends(Protocol):
    """Where it is looked up whether a generation has ended, or is gone."""

    def has_ended(self, name: str, *, since: datetime, now: datetime) -> bool: ...


class NoLedger:
    """Holds and counts nothing."""

    def hold(
        self,
        generation: Generation,  # noqa: ARG002
        *,
        input_tokens: int,  # noqa: ARG002
        now: datetime,  # noqa: ARG002
        claim: BudgetLimits | None = None,  # noqa: ARG002
    ) -> Held:
        """Hold nothing."""
        return Held([])

    rehold = hold

    def refusal(self, cancelled: Cancelled, *, now: datetime) -> ReportedError | None:  # noqa: ARG002
        """Refuse nothing."""
        return None

    def release(self, generation: Generation) -> list[Entry]:  # noqa: ARG002
        """Have nothing to give back."""
        return []

    def settle(self, generation: Generation, lines: Sequence[LedgerLine], *, now: datetime) -> list[Entry]:  # noqa: ARG002
        """Count nothing."""
        return []
