"""What the state machine needs of the budgets: entries of its own transactions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from functions.shared.budgets.model import LedgerLine
    from functions.shared.errors import ReportedError
    from functions.shared.generations.model import Generation
    from functions.shared.transactions import Cancelled, Entry


class Holds(Protocol):
    """Takes holds, in the transaction that accepts a prompt."""

    def hold(self, generation: Generation, *, input_tokens: int, now: datetime) -> list[Entry]:
        """Hold what a generation may use at most; nothing where there is no limit."""

    def refusal(self, cancelled: Cancelled, *, now: datetime) -> ReportedError | None:
        """Say which limit refused a transaction; None if no budget did."""


class Settlements(Protocol):
    """Ends holds, in the transaction that records an end."""

    def release(self, generation: Generation) -> list[Entry]:
        """Give a hold back of which nothing was used."""

    def settle(self, generation: Generation, lines: Sequence[LedgerLine], *, now: datetime) -> list[Entry]:
        """Replace a hold by what was used. Every entry's name begins with `budget`."""


class Ledger(Holds, Settlements, Protocol):
    """All of it."""


class NoLedger:
    """Holds and counts nothing."""

    def hold(self, generation: Generation, *, input_tokens: int, now: datetime) -> list[Entry]:  # noqa: ARG002
        """Hold nothing."""
        return []

    def refusal(self, cancelled: Cancelled, *, now: datetime) -> ReportedError | None:  # noqa: ARG002
        """Refuse nothing."""
        return None

    def release(self, generation: Generation) -> list[Entry]:  # noqa: ARG002
        """Have nothing to give back."""
        return []

    def settle(self, generation: Generation, lines: Sequence[LedgerLine], *, now: datetime) -> list[Entry]:  # noqa: ARG002
        """Count nothing."""
        return []
