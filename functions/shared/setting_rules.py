"""What one setting may hold: how it is read, what is allowed, and the words that say so.

The deployment parses what it was given with these rules, and writes the value into a function's environment;
the function reads that text with the same rule. Plain classes: making a dataclass costs each cold start more.
"""

from __future__ import annotations

from typing import Generic, TypeVar

T = TypeVar("T")
E = TypeVar("E", bound=str)


class NotAllowedError(ValueError):
    """A value that is not allowed, with the words that say why, to follow the word "but"."""


class NotAllowedInside(NotAllowedError):
    """A part of a value that is not allowed.

    Args:
        path: Where in the value it is, such as `claude.price`.
        told: The part, as far as it may be shown.
        why: What is wrong, to follow the word "but".
    """

    def __init__(self, path: str, told: str, why: str) -> None:
        super().__init__(f"{path} is {told}, but {why}")
        self.path, self.told, self.why = path, told, why


class Rule(Generic[T]):
    """Turns what was given, as JSON or as text, into a value, and the value into an environment's text."""

    allowed: str
    """What is allowed, to follow the words "it must be"."""
    hides = "PRIVATE KEY"
    """What looks like this may hold a secret, and is not repeated in a message."""

    def parse(self, given: object) -> T:
        """Return the value that `given` means.

        Raises:
            ValueError: If it is not allowed; a `NotAllowedError`, if there is more to say than `allowed`.
        """
        raise NotImplementedError

    def read(self, text: str) -> T:
        """Return the value that a function's environment holds.

        Raises:
            ValueError: If it is not allowed.
        """
        return self.parse(text)

    def text_of(self, value: T) -> str:
        """Write a value for a function's environment."""
        return str(value)

    def in_json(self, value: T) -> object:
        """Return a value as cdk.json has it."""
        return value


class Whole(Rule[int]):
    """A whole number within bounds."""

    def __init__(self, low: int, high: int) -> None:
        self.low, self.high = low, high
        self.allowed = f"a whole number from {low} to {high}"

    def parse(self, given: object) -> int:
        if isinstance(given, str) and given.isascii() and given.isdigit() and len(given) < 10:
            given = int(given)
        if isinstance(given, bool) or not isinstance(given, int) or not self.low <= given <= self.high:
            raise ValueError(given)
        return given


class WholeAmong(Rule[int]):
    """One of a few whole numbers."""

    def __init__(self, *numbers: int) -> None:
        self.numbers = numbers
        self.allowed = f"one of {', '.join(map(str, numbers))}"

    def parse(self, given: object) -> int:
        for number in self.numbers:
            if given in (number, str(number)) and not isinstance(given, bool):
                return number
        raise ValueError(given)


class Switch(Rule[bool]):
    """Yes or no."""

    allowed = "true or false"

    def parse(self, given: object) -> bool:
        value = {"true": True, "false": False}.get(given, given) if isinstance(given, str) else given
        if not isinstance(value, bool):
            raise ValueError(given)  # noqa: TRY004 - a wrong type and a wrong value are one mistake here.
        return value

    def text_of(self, value: bool) -> str:  # noqa: FBT001 - the value itself.
        return str(value).lower()


class OneOf(Rule[E]):
    """One of a few words."""

    def __init__(self, *words: E) -> None:
        self.words = words
        self.allowed = f"one of {', '.join(words)}"

    def parse(self, given: object) -> E:
        for word in self.words:
            if word == given:
                return word
        raise ValueError(given)
