"""The delays before retries: exponential backoff with full jitter, so that clients do not return at once."""

from __future__ import annotations

from dataclasses import dataclass, field, replace


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconnect:
    """The delays before reconnecting. All times are in seconds."""

    backoff: Backoff = field(default_factory=Backoff)
    """The backoff after failures while an answer is awaited."""
    idle_cap: float = 60.0
    """The longest pause while no answer is awaited."""
    pause_when_full: float = 15.0
    """The delay between attempts while the user holds too many sockets, with a jitter of 25 %."""
    longest_retry_after: float = 60.0
    """The upper bound on `Retry-After`."""

    def when(self, *, busy: bool) -> Reconnect:
        """The rules while an answer is awaited (busy), or while none is."""
        return self if busy else replace(self, backoff=replace(self.backoff, cap=self.idle_cap))
