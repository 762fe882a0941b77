"""How long to wait before trying again: exponential with full jitter, so that many do not return at once."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Backoff:
    """Pauses that grow, in seconds."""

    base: float = 0.5
    """The longest first pause."""
    cap: float = 30.0
    """The longest pause of all."""

    def pause(self, failures: int, *, random: float) -> float:
        """The pause after so many failures in a row; `random` is from [0, 1)."""
        doublings = min(max(failures, 1) - 1, 30)
        return random * min(self.cap, self.base * float(2**doublings))
