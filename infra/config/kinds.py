"""What one deployment setting may hold: how it is read, what is allowed, and the words that say so."""

import re
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

T_co = TypeVar("T_co", covariant=True)
E = TypeVar("E", bound=str)


# What YAML, and so CloudFormation, takes in a text; a lone surrogate is no character at all.
UNPRINTABLE = re.compile("[^\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# CloudFormation and the CDK would replace these with something else, a secret for instance.
REPLACED = re.compile(r"\{\{resolve:|[$#]\{Token\[")


class NotAllowedError(ValueError):
    """A value that is not allowed, with the words that say why, to follow the word "but"."""


class Rule(Protocol[T_co]):
    """Turns what was given, as JSON or as text from the command line, into a value."""

    @property
    def allowed(self) -> str:
        """What is allowed, to follow the words "it must be"."""

    def parse(self, given: object) -> T_co:
        """Return the value that `given` means.

        Raises:
            ValueError: If it is not allowed; a `NotAllowedError`, if there is more to say than `allowed`.
        """


PRIVATE_KEY = "PRIVATE KEY"
NOT_SHOWN = "(not shown)"


def shown(given: object, *, hides: str = PRIVATE_KEY) -> str:
    """Return a value as an error may show it: not at all if it holds what this pattern finds."""
    return NOT_SHOWN if re.search(hides, str(given)) else repr(given)


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number within bounds."""

    low: int
    high: int

    @property
    def allowed(self) -> str:
        return f"a whole number from {self.low} to {self.high}"

    def parse(self, given: object) -> int:
        if isinstance(given, str) and re.fullmatch(r"[0-9]{1,9}", given):
            given = int(given)
        if isinstance(given, bool) or not isinstance(given, int) or not self.low <= given <= self.high:
            raise ValueError(given)
        return given


@dataclass(frozen=True, slots=True)
class WholeAmong:
    """One of a few whole numbers."""

    numbers: tuple[int, ...]

    @property
    def allowed(self) -> str:
        return "one of " + ", ".join(map(str, self.numbers))

    def parse(self, given: object) -> int:
        for number in self.numbers:
            if given in (number, str(number)) and not isinstance(given, bool):
                return number
        raise ValueError(given)


@dataclass(frozen=True, slots=True)
class Switch:
    """Yes or no."""

    @property
    def allowed(self) -> str:
        return "true or false"

    def parse(self, given: object) -> bool:
        value = {"true": True, "false": False}.get(given, given) if isinstance(given, str) else given
        if not isinstance(value, bool):
            raise ValueError(given)  # noqa: TRY004 - a wrong type and a wrong value are one mistake here.
        return value


@dataclass(frozen=True, slots=True)
class OneOf(Generic[E]):
    """One of a few words."""

    words: tuple[E, ...]

    @property
    def allowed(self) -> str:
        return "one of " + ", ".join(self.words)

    def parse(self, given: object) -> E:
        for word in self.words:
            if word == given:
                return word
        raise ValueError(given)


@dataclass(frozen=True, slots=True)
class Text:
    """A text that matches a pattern as a whole."""

    allowed: str
    pattern: str
    max_bytes: int = 1024
    hides: str = PRIVATE_KEY
    """What looks like this may hold a secret, and is not repeated in a message."""

    def parse(self, given: object) -> str:
        if not isinstance(given, str):
            raise ValueError(given)  # noqa: TRY004 - a wrong type and a wrong value are one mistake here.
        if found := UNPRINTABLE.search(given):
            raise NotAllowedError(f"it must not hold the character U+{ord(found[0]):04X}")
        if found := REPLACED.search(given):
            raise NotAllowedError(f"it must not hold {found[0]}, in whose place something else would be put")
        if (size := len(given.encode())) > self.max_bytes:
            raise NotAllowedError(f"it must have at most {self.max_bytes} bytes, not {size}")
        if not re.fullmatch(self.pattern, given):
            raise ValueError(given)
        return given


@dataclass(frozen=True, slots=True)
class Texts:
    """A list of different texts; on the command line they are separated by commas."""

    item: Text
    at_least: int = 0
    at_most: int = 20

    @property
    def allowed(self) -> str:
        return f"a list of {self.at_least} to {self.at_most}, without repeats, each {self.item.allowed}"

    def parse(self, given: object) -> tuple[str, ...]:
        if isinstance(given, str):
            given = [part.strip() for part in given.split(",")] if given else []
        if not isinstance(given, list | tuple):
            raise ValueError(given)  # noqa: TRY004 - a wrong type and a wrong value are one mistake here.
        items = tuple(self._item(number, item) for number, item in enumerate(given, start=1))
        if not self.at_least <= len(items) <= self.at_most:
            raise NotAllowedError(f"it must have {self.at_least} to {self.at_most} items, not {len(items)}")
        for number, item in enumerate(items, start=1):
            if item in items[: number - 1]:
                raise NotAllowedError(f"item {number}, {item!r}, must not be repeated")
        return items

    def _item(self, number: int, given: object) -> str:
        try:
            return self.item.parse(given)
        except NotAllowedError as error:
            raise NotAllowedError(f"in item {number}, {shown(given)}, {error}") from error
        except ValueError as error:
            raise NotAllowedError(f"item {number}, {shown(given)}, must be {self.item.allowed}") from error
