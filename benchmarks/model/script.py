"""What the scripted model sends, and when: made from a seed, so that every stack gets the same answers."""

from __future__ import annotations

import json
import random
import re
from dataclasses import asdict, dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Iterator

FIRST_TOKEN = (0.2, 0.6)  # Seconds until a model's first token, from the fastest to the slowest of ours.
JITTER = (0.5, 1.5)  # How long a gap is, as a share of the mean one.
ENDS = " é漢🦦"
"""A token ends with one of these, so that code points, UTF-16 units and bytes all differ."""

TOKEN = re.compile(rf"(?P<answer>[0-9a-z-]+)\.(?P<number>\d+)\.(?P<sent>\d+)[{ENDS}]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """One answer. It travels as the prompt, so that no stack has to know of it."""

    key: str
    """Names the answer in each of its tokens: small letters, digits and hyphens."""
    tokens: int
    rate: float
    """Tokens per second, in the mean."""
    seed: int

    @classmethod
    def from_prompt(cls, prompt: str) -> Self:
        """Read a prompt.

        Raises:
            ValueError: If it is not a script.
        """
        try:
            return cls(**json.loads(prompt))
        except TypeError as error:
            raise ValueError("the prompt must be a script as JSON") from error

    @property
    def prompt(self) -> str:
        return json.dumps(asdict(self))

    def times(self) -> list[float]:
        """Return when each token is due, in seconds after the request."""
        chance = random.Random(self.seed)  # noqa: S311  nothing is kept secret by it
        gaps = [chance.uniform(*JITTER) / self.rate for _ in range(self.tokens - 1)]
        return list(accumulate([chance.uniform(*FIRST_TOKEN), *gaps]))


def token(key: str, number: int, *, sent: int) -> str:
    """Return a token that says whose it is, which one, and when it was sent (monotonic nanoseconds)."""
    return f"{key}.{number}.{sent}{ENDS[number % len(ENDS)]}"


@dataclass(frozen=True, slots=True)
class Sent:
    """A token as it is found again in a text."""

    answer: str
    number: int
    sent: int
    start: int
    end: int


def tokens_in(text: str) -> Iterator[Sent]:
    """Find the tokens of a text, in the order in which they stand there."""
    for found in TOKEN.finditer(text):
        yield Sent(found["answer"], int(found["number"]), int(found["sent"]), found.start(), found.end())
