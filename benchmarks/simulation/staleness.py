"""How old text is when it is posted, while all answers of an account share one budget of posts.

Each answer posts a frame, lets text gather for its interval, and posts again. A post that the gateway refuses
(429) widens the interval and is made again; one that it takes narrows it.
"""

from __future__ import annotations

from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from random import Random
from typing import TYPE_CHECKING

from benchmarks.simulation.outcome import quantile

if TYPE_CHECKING:
    from benchmarks.simulation.assumptions import Quotas

AFTER_SECONDS, LASTS_SECONDS = 15.0, 10.0
"""When looking begins, and for how long."""
ANSWER_SECONDS = 35.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pacing:
    """How far apart the frames of a socket are, in seconds, and how refused posts change that."""

    name: str
    interval: float
    first_interval: float
    first_seconds: float = 1.0
    """For how long an answer's first frames are dense."""
    widest: float = 2.0
    widened_by: float = 2.0
    narrowed_by: float = 0.8
    shared_by: int = 1
    """How many answers of a worker learn from each other's refused posts."""


FIXED = Pacing(name="100 ms", interval=0.1, first_interval=0.1)
DENSE_THEN_WIDE = Pacing(name="100 ms for a second, then 250 ms", interval=0.25, first_interval=0.1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Staleness:
    """The age of a frame's oldest text when the gateway took it, in seconds, and what was refused."""

    p50: float
    p95: float
    longest: float
    refused: float
    """The share of posts."""


@dataclass(slots=True)
class Bucket:
    """The gateway's budget: so many posts a second, and a store for bursts."""

    quotas: Quotas
    tokens: float
    at: float = 0

    def takes(self, now: float) -> bool:
        """Take a post, if there is room."""
        self.tokens = min(
            self.quotas.posts_at_once, self.tokens + (now - self.at) * self.quotas.posts_per_second
        )
        self.at = now
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True


def staleness(answers: int, pacing: Pacing, quotas: Quotas, *, seed: int) -> Staleness:
    """Let so many answers be made all the time, each on one socket, and look at ten seconds of it."""
    random = Random(seed)  # noqa: S311 - a simulation
    bucket = Bucket(quotas, quotas.posts_at_once)
    began = [-random.uniform(0, ANSWER_SECONDS) for _ in range(answers)]
    intervals = [pacing.interval] * (answers // pacing.shared_by + 1)
    posted = [0.0] * answers
    due = [(random.uniform(0, pacing.interval), number) for number in range(answers)]
    heapify(due)
    ages: list[float] = []
    refused = 0
    while due[0][0] < AFTER_SECONDS + LASTS_SECONDS:
        now, number = heappop(due)
        group = number // pacing.shared_by
        is_seen = now > AFTER_SECONDS
        if now - began[number] > ANSWER_SECONDS:
            began[number] = posted[number] = now
        is_new = now - began[number] < pacing.first_seconds
        narrowest = pacing.first_interval if is_new else pacing.interval
        if bucket.takes(now):
            if is_seen:
                ages.append(now - posted[number])
            posted[number] = now
            pause = max(intervals[group], narrowest)
            intervals[group] = max(intervals[group] * pacing.narrowed_by, narrowest)
        else:
            refused += is_seen
            intervals[group] = min(intervals[group] * pacing.widened_by, pacing.widest)
            pause = intervals[group] * random.uniform(0.75, 1.25)
        heappush(due, (now + pause, number))
    ages.sort()
    return Staleness(
        p50=quantile(ages, 0.5),
        p95=quantile(ages, 0.95),
        longest=ages[-1],
        refused=refused / (refused + len(ages)),
    )
