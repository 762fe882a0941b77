"""What the simulation takes for granted, each with its source; docs/scaling.md prints this list.

Not simulated: SQS's uneven sampling of a nearly empty queue, receives that come twice, failures, environments
that Lambda retires, other functions' concurrency, and a mapping that gives up readers "when traffic is low".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """How Lambda reads a standard queue: so many batches at once at first, and more while messages remain.

    AWS, "Configuring scaling behavior for SQS event source mappings": five concurrent batches, up to 300 more
    a minute, at most 1,250. Others measured 155 to 297 a minute. Whether
    more come one by one or in steps of a minute is not documented: `growth` says which is assumed.
    Provisioned pollers: 10 batches for each of the smallest number, and 1,000 more a minute.
    """

    batches_at_first: int = 5
    more_a_minute: float = 300
    most: int = 1250
    growth: Literal["smooth", "steps"] = "smooth"


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """How a worker's environment behaves. Measured on one machine, as in decision 10."""

    cold_start: float = 2.0
    """Seconds until the first line of the handler runs in a new environment; Lambda bills them."""
    warm_start: float = 0.03
    first_token: float = 0.7
    """Seconds from a worker's start on an answer to its first word."""
    expires_after: float = 300
    """Seconds after which a prompt that still waits is not answered (`queue_deadline_seconds`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """How the product uses the queue: its settings, and what is built in."""

    name: str
    batch_size: int
    max_concurrency: int
    answers: int = 0
    """How many answers a worker carries before it stops to receive by itself; 0: it never receives."""
    intake_seconds: float = 270
    """For how long it receives: 900 s less the longest answer (600), margin (20) and start (10)."""
    intake_spread: float = 0
    """Which part of it may be left out, by chance: workers that began together do not stop together."""
    poll_seconds: float = 1.0
    """How long one look at an empty queue takes; a worker without work ends after it."""
    turnaround: float = 0.02
    """Seconds between two polls (SQS answers in 10 to 20 ms)."""
    reminder_after: float = 0
    """Seconds after which a second message of each prompt comes to the same queue; 0: none does."""
    reminder_hidden: float = 601
    """For how long that message is hidden again if the answer is still being made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quotas:
    """What an account allows. AWS's documentation, as of November 2026."""

    concurrency: int = 1000
    """Lambda; a new account often has 10 or 50."""
    posts_per_second: float = 10_000
    """API Gateway, all requests of an account in a Region, posts to sockets included."""
    posts_at_once: float = 5_000
    """The bucket that bursts are taken from."""
    table_writes: float = 4_000
    """A second, of an on-demand table that is new."""


def as_deployed(*, max_concurrency: int = 50, batch_size: int = 5) -> Design:
    """Return the first design: a worker makes its batch and no more; reminders come to the same queue."""
    return Design(
        name="batch alone", batch_size=batch_size, max_concurrency=max_concurrency, reminder_after=35
    )


def continuous_intake(*, answers: int = 30, max_concurrency: int = 50, batch_size: int = 1) -> Design:
    """Return the present design: a running worker receives more; reminders are elsewhere."""
    return Design(
        name="continuous intake", batch_size=batch_size, max_concurrency=max_concurrency, answers=answers
    )
