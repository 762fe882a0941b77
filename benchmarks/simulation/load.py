"""Prompts, as users ask them: all at once, or a steady flow without any rhythm."""

from __future__ import annotations

from random import Random

from benchmarks.simulation.backlog import Prompt

LONG = (10.0, 60.0)
"""Seconds of an answer, any of them as likely: 35 on average."""
SHORT = (7.0, 7.0)


def burst(
    number: int, *, seed: int, within: float = 1.0, seconds: tuple[float, float] = LONG
) -> list[Prompt]:
    """Return so many prompts within a second."""
    random = Random(seed)  # noqa: S311 - a simulation
    return [
        Prompt(asked=within * place / number, seconds=random.uniform(*seconds)) for place in range(number)
    ]


def steady(
    per_second: float, *, seed: int, lasts: float = 2400, seconds: tuple[float, float] = LONG
) -> list[Prompt]:
    """Return prompts that come independently of each other (Poisson), for forty minutes."""
    random = Random(seed)  # noqa: S311 - a simulation
    prompts, now = [], random.expovariate(per_second)
    while now < lasts:
        prompts.append(Prompt(asked=now, seconds=random.uniform(*seconds)))
        now += random.expovariate(per_second)
    return prompts
