"""What calls of a model use and cost. Money is counted in whole millionths of a dollar (micros)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from functions.shared.budgets.limits import BudgetLimits


class Purpose(StrEnum):
    """What a model was called for."""

    ANSWER = "answer"
    SUMMARY = "summary"


class Scope(StrEnum):
    """Whose use is counted."""

    USER = "user"
    DEPLOYMENT = "deployment"


@dataclass(frozen=True, slots=True)
class Amount:
    """Tokens, and what they cost."""

    tokens: int = 0
    micros: int = 0

    def __add__(self, other: Amount) -> Amount:
        return Amount(self.tokens + other.tokens, self.micros + other.micros)

    def __sub__(self, other: Amount) -> Amount:
        return Amount(self.tokens - other.tokens, self.micros - other.micros)


NOTHING = Amount()


@dataclass(frozen=True, slots=True)
class Count:
    """What a counter says."""

    used: Amount = NOTHING
    committed: Amount = NOTHING

    @property
    def held(self) -> Amount:
        """What is committed and not used."""
        return self.committed - self.used


@dataclass(frozen=True, slots=True)
class Standing:
    """What a user has used and holds in the present day and month, and the limits that count."""

    day: Count
    month: Count
    limits: BudgetLimits


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerLine:
    """What one call of a model used. Input tokens include cached ones, output tokens those of reasoning."""

    attempt: int
    call: int
    """Counts the calls of a generation's attempt, from 1; those for a summary, from 0 downwards."""
    model: str
    input_tokens: int
    output_tokens: int
    cached_tokens: int = 0
    reasoning_tokens: int = 0
    micros: int | None = None
    """What it cost; None where the model has no price."""
    is_estimate: bool = False
    """Whether the provider told no count, so that ours stands for it."""
    is_void: bool = False
    """Whether the call brought nothing that the user has: its attempt was given up."""
    purpose: Purpose = Purpose.ANSWER

    @property
    def amount(self) -> Amount:
        """Its tokens and its cost."""
        return Amount(self.input_tokens + self.output_tokens, self.micros or 0)
