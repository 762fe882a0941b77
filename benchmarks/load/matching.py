"""Finds the model's tokens in the text that a client has: what is late, lost, doubled or out of order."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.model.script import tokens_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.model.script import Sent

NANOSECONDS = 1e9


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """One socket's text against the model's. Characters are counted, as code points."""

    lost: int
    """Sent, and not in the text."""
    doubled: int
    """In the text once more."""
    disordered: int
    """After a token that was sent later."""
    foreign: int
    """Of no token of this call: another answer's, or garbled."""
    delays: list[float]
    """Seconds from the model's sending of each token to the arrival of its last character."""

    @property
    def is_exact(self) -> bool:
        return not (self.lost or self.doubled or self.disordered or self.foreign)


def match(received: str, arrivals: Sequence[tuple[int, int]], sent: str) -> Match:
    """Compare the text that a client has with what one call of the model sent.

    Args:
        arrivals: The length of the text after each frame, and when that frame came.
    """
    wanted = {received_token.number: received_token for received_token in tokens_in(sent)}
    ends = [length for length, _ in arrivals]
    seen: set[int] = set()
    doubled = disordered = known = 0
    latest = -1
    delays = []
    for found in tokens_in(received):
        if not _is_same(found, wanted.get(found.number)):
            continue
        length = found.end - found.start
        known += length
        if found.number in seen:
            doubled += length
            continue
        seen.add(found.number)
        disordered += length if found.number < latest else 0
        latest = max(latest, found.number)
        arrived = arrivals[bisect_left(ends, found.end)][1]
        delays.append((arrived - found.sent) / NANOSECONDS)
    lost = sum(token.end - token.start for number, token in wanted.items() if number not in seen)
    return Match(
        lost=lost, doubled=doubled, disordered=disordered, foreign=len(received) - known, delays=delays
    )


def _is_same(found: Sent, wanted: Sent | None) -> bool:
    return wanted is not None and (found.answer, found.sent) == (wanted.answer, wanted.sent)
