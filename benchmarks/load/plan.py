"""Which loads are measured, on which variants: a short plan that fits in a few minutes, and the full one."""

from __future__ import annotations

import random
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

from benchmarks.model.script import Script

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SETTINGS: Mapping[str, Mapping[str, int]] = {
    "framestream": {},
    "frame per token": {"frame_interval_milliseconds": 10},
    "50 ms timer": {"frame_interval_milliseconds": 50},
}
"""Our variants, and the deployment settings that make them. 10 ms is the least that can be set."""
CLASSIC = "classic"
VARIANTS = (*SETTINGS, CLASSIC)
PAIR = ("framestream", CLASSIC)
ANSWER_SECONDS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """So many users at once, each with so many sockets, and a model of this speed."""

    users: int
    sockets: int = 1
    rate: int = 50

    def scripts(self, *, seed: int, run: int) -> list[Script]:
        """Return the answers of one repetition: the same for every variant but for their keys."""
        chance = random.Random(f"{seed} {self}")  # noqa: S311  nothing is kept secret by it
        tokens = self.rate * ANSWER_SECONDS
        seeds = [chance.randrange(2**31) for _ in range(self.users)]
        return [
            Script(key=f"r{run}u{number}", tokens=tokens, rate=self.rate, seed=each)
            for number, each in enumerate(seeds)
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A load, and the variants that take it one after another, again and again."""

    load: Load
    variants: tuple[str, ...]


def steps(size: str, *, without: tuple[str, ...] = ()) -> Iterator[Step]:
    """Return the plan of this size."""
    for load, variants in _short() if size == "short" else _full():
        if left := tuple(variant for variant in variants if variant not in without):
            yield Step(load=load, variants=left)


def _short() -> Iterator[tuple[Load, tuple[str, ...]]]:
    for users in (1, 10, 20, 50):
        yield Load(users=users), PAIR
    yield Load(users=10, sockets=3), VARIANTS


def _full() -> Iterator[tuple[Load, tuple[str, ...]]]:
    for users, sockets, rate in product((1, 10, 20, 50), (1, 3), (20, 50, 100)):
        yield Load(users=users, sockets=sockets, rate=rate), VARIANTS
