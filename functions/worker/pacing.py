"""How far apart frames are: congestion control for what all sockets of an account share.

Frames are dense in the first second of a text, when each word is waited for, and wider afterwards. If the
gateway refuses posts to different sockets (429), the account posts too much: all senders of this worker widen
by a factor at once, and narrow little by little. One socket alone may just read slowly; its sender widens by
itself. Without any I/O; all times are of one clock, in seconds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from functions.worker.gathering import tick_of, with_others

if TYPE_CHECKING:
    from functions.worker.settings import WorkerOptions

DENSE = 1.0
"""For how long after its first text a socket gets dense frames."""
WIDEST = 2.0
"""The most between two frames of a socket that takes them: text is shown no later than this."""
WINDOW = 1.0
"""Refusals this close to each other have one cause, and are answered once."""
WIDENING = 2.0
NARROWING = 0.25
"""By how much the factor shrinks in a second."""


@dataclass(slots=True, kw_only=True)
class Pacing:
    """The pace of all senders of a worker."""

    options: WorkerOptions
    _factor: float = 1
    _widened_at: float = field(default=float("-inf"), repr=False)
    _refused: tuple[str, float] | None = field(default=None, repr=False)
    """The socket that was refused a post last, and when."""

    def interval(self, *, age: float, now: float) -> float:
        """Say how far apart frames are on a socket that has had text for so long."""
        first, then = self._unwidened
        return min((first if age < DENSE else then) * self.factor(now), WIDEST)

    def factor(self, now: float) -> float:
        """By how much the account's load widens all intervals."""
        if self._factor == 1:
            return 1
        return max(self._factor - NARROWING * (now - self._widened_at), 1)

    def with_others(self, due: float) -> float:
        """Return when a frame that is due is sent: together with other sockets', up to half a tick off."""
        return with_others(due, tick_of(self.options))

    def refused(self, connection_id: str, *, now: float) -> None:
        """Note that the gateway refused a post as one too many."""
        before, self._refused = self._refused, (connection_id, now)
        if before is None or before[0] == connection_id or now - before[1] > WINDOW:
            return
        if now - self._widened_at >= WINDOW:
            widest = WIDEST / min(self._unwidened)
            self._factor, self._widened_at = min(self.factor(now) * WIDENING, widest), now

    @property
    def _unwidened(self) -> tuple[float, float]:
        """The seconds between frames in the first second of a text, and then."""
        options = self.options
        return options.first_frame_interval_milliseconds / 1000, options.frame_interval_milliseconds / 1000
