"""What a check found: it passed, it failed, or it cannot be made here."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """How a check ended."""

    OK = "ok"
    FAILED = "failed"
    NOT_APPLICABLE = "not applicable here"
    LEFT_OUT = "left out"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A check's outcome, and the sentence that says what was seen."""

    check: str
    outcome: Outcome
    sentence: str
    seconds: float = 0


class FailedError(Exception):
    """What a check saw is not as it must be; the sentence says what, and what to do."""


class NotApplicableError(Exception):
    """The check cannot be made on this deployment; the sentence says why."""
