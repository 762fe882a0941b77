"""What a setting that is a text, or a list of texts, may hold."""

from __future__ import annotations

import re

from functions.shared.setting_rules import NotAllowedError, Rule

# What YAML, and so CloudFormation, takes in a text; a lone surrogate is no character at all.
UNPRINTABLE = "[^\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
# CloudFormation and the CDK would replace these with something else, a secret for instance.
REPLACED = r"\{\{resolve:|[$#]\{Token\["
NOT_SHOWN = "(not shown)"


def shown(given: object, *, hides: str = Rule.hides) -> str:
    """Return a value as an error may show it: not at all if it holds what this pattern finds."""
    return NOT_SHOWN if re.search(hides, str(given)) else repr(given)


class Text(Rule[str]):
    """A text that matches a pattern as a whole."""

    def __init__(self, allowed: str, pattern: str, *, max_bytes: int = 1024, hides: str = Rule.hides) -> None:
        self.allowed, self.pattern, self.max_bytes, self.hides = allowed, pattern, max_bytes, hides

    def parse(self, given: object) -> str:
        if not isinstance(given, str):
            raise ValueError(given)  # noqa: TRY004 - a wrong type and a wrong value are one mistake here.
        if found := re.search(UNPRINTABLE, given):
            raise NotAllowedError(f"it must not hold the character U+{ord(found[0]):04X}")
        if found := re.search(REPLACED, given):
            raise NotAllowedError(f"it must not hold {found[0]}, in whose place something else would be put")
        if (size := len(given.encode())) > self.max_bytes:
            raise NotAllowedError(f"it must have at most {self.max_bytes} bytes, not {size}")
        if not re.fullmatch(self.pattern, given):
            raise ValueError(given)
        return given

    def read(self, text: str) -> str:
        """Return an environment's text; what a template cannot hold, an environment does not hold either."""
        if not re.fullmatch(self.pattern, text):
            raise ValueError(text)
        return text

    def text_of(self, value: str) -> str:
        """Write it without the outer spaces, which a function would not read."""
        return value.strip()


class Texts(Rule[tuple[str, ...]]):
    """A list of different texts; on the command line and in an environment they are separated by commas."""

    def __init__(self, item: Text, *, at_least: int = 0, at_most: int = 20) -> None:
        self.item, self.at_least, self.at_most = item, at_least, at_most
        self.allowed = f"a list of {at_least} to {at_most}, without repeats, each {item.allowed}"

    def parse(self, given: object) -> tuple[str, ...]:
        items = self._items(given)
        if not self.at_least <= len(items) <= self.at_most:
            raise NotAllowedError(f"it must have {self.at_least} to {self.at_most} items, not {len(items)}")
        for number, item in enumerate(items, start=1):
            if item in items[: number - 1]:
                raise NotAllowedError(f"item {number}, {item!r}, must not be repeated")
        return items

    def read(self, text: str) -> tuple[str, ...]:
        """Return the list of an environment, which may be longer: the stack adds what it makes itself."""
        items = tuple(self.item.read(part.strip()) for part in text.split(",")) if text else ()
        if len(items) < self.at_least:
            raise ValueError(text)
        return items

    def text_of(self, value: tuple[str, ...]) -> str:
        return ",".join(value)

    def _items(self, given: object) -> tuple[str, ...]:
        if isinstance(given, str):
            given = [part.strip() for part in given.split(",")] if given else []
        if not isinstance(given, list | tuple):
            raise ValueError(given)  # noqa: TRY004 - a wrong type and a wrong value are one mistake here.
        return tuple(self._item(number, item) for number, item in enumerate(given, start=1))

    def _item(self, number: int, given: object) -> str:
        try:
            return self.item.parse(given)
        except NotAllowedError as error:
            raise NotAllowedError(f"in item {number}, {shown(given)}, {error}") from error
        except ValueError as error:
            raise NotAllowedError(f"item {number}, {shown(given)}, must be {self.item.allowed}") from error


TEXT = Text("a text of up to 256 characters without line breaks", r"[^\r\n]{0,256}")
