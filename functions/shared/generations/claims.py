"""How a write of the state machine may turn out: a claim, or one of two refusals. It knows no database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from functions.shared.errors import FramestreamError

if TYPE_CHECKING:
    from functions.shared.generations.model import Generation


@dataclass(frozen=True, slots=True)
class Claim:
    """A generation as it was found, and whether it is now ours to work on."""

    generation: Generation
    is_ours: bool


class WriteRefused(FramestreamError):
    """The table will never take this write, however often it is tried.

    Args:
        reason: The service's word for it. What it says besides holds the values, and is dropped.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Fenced(FramestreamError):
    """The generation is no longer this attempt's to write: another has it, or it has ended.

    Args:
        found: The generation as it refused the write; None if there is none any more.
    """

    def __init__(self, found: Generation | None) -> None:
        super().__init__(found.generation_id if found else "the generation is gone")
        self.found = found
