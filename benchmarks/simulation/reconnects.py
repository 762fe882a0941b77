"""All sockets of an account break at once, and its clients open them again within the quota."""

from __future__ import annotations

from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from random import Random

BASE, CAP = 0.5, 60.0
"""Seconds: how our clients pause after a failure, at random below a bound that doubles (idle clients)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Seconds until so many sockets were open again."""

    half: float
    most: float
    """99 % of them."""
    all: float
    tries: float
    """Handshakes for each socket, the successful one included."""


def reconnects(sockets: int, *, per_second: float, at_once: float, seed: int) -> Outcome:
    """Let every client try until it has its socket: a handshake takes from the bucket, or is refused."""
    random = Random(seed)  # noqa: S311 - a simulation
    waiting = [(random.random() * BASE, 1) for _ in range(sockets)]
    heapify(waiting)
    tokens, filled, tries, opened = at_once, 0.0, 0, list[float]()
    while waiting:
        now, failures = heappop(waiting)
        tokens, filled = min(at_once, tokens + (now - filled) * per_second), now
        tries += 1
        if tokens >= 1:
            tokens -= 1
            opened.append(now)
        else:
            pause = random.random() * min(CAP, BASE * 2.0**failures)
            heappush(waiting, (now + pause, failures + 1))
    last = len(opened) - 1
    return Outcome(
        half=opened[last // 2], most=opened[int(last * 0.99)], all=opened[last], tries=tries / len(opened)
    )
