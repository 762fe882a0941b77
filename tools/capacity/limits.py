"""How many answers can be made at once: each limit alone, in settings and in AWS's quotas."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tools.costs.answer_usage import BEAT_SECONDS, LOOK, RENEWAL, RENEWALS
from tools.costs.calls import written
from tools.costs.usage import DEFAULTS

if TYPE_CHECKING:
    from tools.costs.answer_usage import Answer

POSTS_PER_SECOND, POSTS_PER_SECOND_SMALL_REGION = 10_000, 2_500
"""Requests per second of all API Gateway APIs of an account in a Region, posts to sockets included."""
POSTS_BURST = 5_000
NEW_SOCKETS_PER_SECOND = 500
LAMBDA_CONCURRENCY, NEW_ACCOUNT_CONCURRENCY = 1_000, 10
MAPPING_CONCURRENCY = 1_250
"""Batches that Lambda takes from a standard queue at once."""
MAPPING_AT_FIRST, MAPPING_GROWTH_PER_SECOND = 5, 5
"""How many of them it begins with, and how many more it takes while messages wait: 300 a minute."""
NEW_TABLE_WRITES_PER_SECOND = 4_000
"""What an on-demand table takes before it has grown."""
RENEWALS_PER_BEAT = BEAT_SECONDS * RENEWALS / DEFAULTS.lease_seconds
WRITES_PER_BEAT = written(LOOK) * (1 - RENEWALS_PER_BEAT) + written(RENEWAL) * RENEWALS_PER_BEAT
STEADY_SHARING = 15
"""Answers in a worker that has room for thirty, in a steady flow that a fresh stack just carries: the mapping
starts some workers anew, and a worker takes nothing more near the end of its time. Simulated: 18 at 25
prompts a second."""


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit, and the answers at once that it alone would allow."""

    name: str
    answers: int
    remedy: str


def by_posts(answer: Answer, posts_per_second: int = POSTS_PER_SECOND) -> int:
    """Return how many answers at once fit into the gateway's quota, each at its full pace."""
    return round(posts_per_second * answer.frame_interval_ms / 1000 / answer.sockets)


def by_writes(writes_per_second: int = NEW_TABLE_WRITES_PER_SECOND) -> int:
    """Return how many answers at once a table takes."""
    return round(writes_per_second * BEAT_SECONDS / WRITES_PER_BEAT)


def prompts_per_second(answer_seconds: float, per_worker: float = STEADY_SHARING) -> float:
    """Return the steady flow that the workers of a fresh stack take without letting a prompt wait."""
    return DEFAULTS.worker_max_concurrency * per_worker / answer_seconds


def limits(answer: Answer) -> list[Limit]:
    """List the limits, the narrowest first."""
    workers, each = DEFAULTS.worker_max_concurrency, DEFAULTS.worker_answers
    found = [
        Limit("`worker_max_concurrency` times `worker_answers`", workers * each, "the settings"),
        Limit(
            "the account's Lambda concurrency",
            LAMBDA_CONCURRENCY * each,
            "a request to AWS; all functions of the account share it",
        ),
        Limit(
            "the account's Lambda concurrency, new account",
            NEW_ACCOUNT_CONCURRENCY * each,
            "a request to AWS, before anything else",
        ),
        Limit("the queue's event source mapping", MAPPING_CONCURRENCY * each, "none"),
        Limit("a new table's writes", by_writes(), "it grows with use; handshakes and heartbeats share it"),
        Limit(
            "the account's posts to sockets",
            by_posts(answer),
            f"a request to AWS; {by_posts(answer, POSTS_PER_SECOND_SMALL_REGION):,} in some Regions",
        ),
    ]
    return sorted(found, key=lambda limit: limit.answers)
