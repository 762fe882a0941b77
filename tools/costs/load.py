"""What a deployment is asked to carry, on average: prompts, their answers, and open sockets."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from functions.shared.errors import SettingsError
from tools.costs.answer_usage import Answer

if TYPE_CHECKING:
    from infra.config.fields import Config

SHARING = 0.6
"""Answers in a worker, for each square root of the answers at once: simulated, between 7 and 900 of them,
within a factor of two (tests/unit/benchmarks/test_planning.py). Beside the workers that take prompts by
themselves stand the mapping's readers, which start new ones."""
MOST_SHARING = 0.9
"""The part of `worker_answers` that workers carry under any load: near their end they take nothing new."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """A load; each field is an option of the command line, with this default."""

    prompts_per_second: float = 1
    users: float = 100
    """Online at the same time."""
    sockets_per_user: float = 1
    visit_minutes: float = 30
    """How long a socket stays open; two hours at most."""
    tokens: float = 500
    tokens_per_second: float = 80
    first_token_seconds: float = 0.5
    prompt_kb: float = 1

    def __post_init__(self) -> None:
        for name in self.__slots__:
            value = getattr(self, name)
            is_count = name in {"prompts_per_second", "users"}
            if (
                not math.isfinite(value)
                or value < 0
                or not (value or is_count or name == "first_token_seconds")
            ):
                least = "0 or more" if is_count else "more than 0"
                raise SettingsError(f"--{name.replace('_', '-')} is {value:g}, but it must be {least}")
        if self.visit_minutes > 120:
            raise SettingsError(
                "--visit-minutes must be 120 or less: API Gateway closes a socket after two hours"
            )

    @property
    def answer_seconds(self) -> float:
        """How long one answer takes."""
        return self.first_token_seconds + self.tokens / self.tokens_per_second

    @property
    def answers_at_once(self) -> float:
        """How many answers are under way."""
        return self.prompts_per_second * self.answer_seconds

    @property
    def sockets(self) -> float:
        """How many sockets are open."""
        return self.users * self.sockets_per_user

    @property
    def handshakes_per_second(self) -> float:
        """How many sockets open in a second, and as many close."""
        return self.sockets / (self.visit_minutes * 60)

    def per_worker(self, config: Config) -> float:
        """Return how many answers share a worker."""
        shared = SHARING * math.sqrt(self.answers_at_once)
        return max(min(shared, MOST_SHARING * config.worker_answers), 1)

    def answer(self, config: Config, *, per_worker: float | None = None) -> Answer:
        """Return one of its answers, as a deployment with these settings makes it."""
        return Answer(
            tokens=self.tokens,
            tokens_per_second=self.tokens_per_second,
            first_token_seconds=self.first_token_seconds,
            prompt_kb=self.prompt_kb,
            sockets=self.sockets_per_user,
            first_frame_interval_ms=config.first_frame_interval_milliseconds,
            frame_interval_ms=config.frame_interval_milliseconds,
            lease_seconds=config.lease_seconds,
            memory_mb=config.worker_memory_mb,
            per_worker=per_worker or self.per_worker(config),
        )
