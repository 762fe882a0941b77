"""Exponential backoff with full jitter, so that many clients do not reconnect at once."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Backoff:
    """Pauses between retries, in seconds."""

    base: float = 0.5
    """The upper bound of the first pause; it doubles with each failure."""
    cap: float = 30.0
    """The upper bound of every pause."""

    def pause(self, failures: int, *, random: float) -> float:
        """The pause after this many failures in a row; `random` is from [0, 1)."""
        doublings = min(max(failures, 1) - 1, 30)
        return random * min(self.cap, self.base * float(2**doublings))
