"""JSON as model servers write it, and texts and numbers found where another type was to be expected."""

from __future__ import annotations

import json
import math
import re
from typing import Any

DEEPEST = 6
"""How far nested content is followed."""
LONGEST_NUMBER = 300
"""Digits: longer ones are as large, but not as exact."""
COUNT = re.compile(r"(\d{1,15})(?:\.0*)?")
REASONING = re.compile(r"think|reason|summary", re.IGNORECASE)
TEXT = re.compile(r"text|refusal", re.IGNORECASE)


class Number(str):
    """A number, digit by digit as it was written: it may stand for text, or be too large for anything."""

    __slots__ = ()


DECODER = json.JSONDecoder(strict=False, parse_int=Number, parse_float=Number, parse_constant=Number)


def value_from(data: bytes | str) -> object:
    """Read JSON. What is no UTF-8 becomes U+FFFD, as the standard of event streams says.

    Raises:
        ValueError: If it is no JSON, or nested too deeply.
    """
    try:
        return DECODER.decode(_text(data))
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def values_from(data: bytes | str) -> list[object]:
    """Read a JSON value, or an object and those that follow it, whatever stands between and after them.

    Raises:
        ValueError: If that is no JSON, or an object that follows is none: something got lost.
    """
    text = _text(data)
    if not text.startswith("{"):
        return [value_from(text)]
    values: list[object] = []
    at = 0
    try:
        while at >= 0:
            value, end = DECODER.raw_decode(text, at)
            values.append(value)
            at = text.find("{", end)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    return values


def _text(data: bytes | str) -> str:
    text = data if isinstance(data, str) else data.decode("utf-8", "replace")
    return text.removeprefix("\ufeff").strip()


def dicts_in(value: object) -> list[dict[str, Any]]:
    """The object, or the objects of a list."""
    values = value if isinstance(value, list) else [value]
    return [item for item in values if isinstance(item, dict)]


def text_of(content: object, depth: int = DEEPEST) -> str:
    """Text, a number, or the parts of a list that are text, as one text."""
    if isinstance(content, str):
        return str(content)
    if depth and isinstance(content, list):
        return "".join(text_of(part, depth - 1) for part in content)
    if depth and isinstance(content, dict) and _is_text(content):
        keys = ("text", "content", "value", "refusal")
        return next(filter(None, (text_of(content.get(key), depth - 1) for key in keys)), "")
    return ""


def _is_text(part: dict[str, Any]) -> bool:
    kind = part.get("type")
    return not isinstance(kind, str) or bool(TEXT.search(kind) and not REASONING.search(kind))


def is_reasoning_part(part: object) -> bool:
    """Whether a part of a list says that it is reasoning."""
    return isinstance(part, dict) and bool(REASONING.search(str(part.get("type"))))


def count_of(value: object) -> int | None:
    """A whole number that is not negative and not absurd, also if written as a text or with a point."""
    found = COUNT.fullmatch(value.strip()) if isinstance(value, str) else None
    return int(found[1]) if found else None


def plain(value: object, depth: int = 50) -> object:
    """Return a value with its numbers as numbers; what is too deep, or no JSON, is null."""
    if isinstance(value, Number):
        return _number(value)
    if depth and isinstance(value, list):
        return [plain(each, depth - 1) for each in value]
    if depth and isinstance(value, dict):
        return {name: plain(each, depth - 1) for name, each in value.items()}
    return value if value is None or isinstance(value, str | bool) else None


def _number(written: str) -> int | float | None:
    try:
        number = float(written) if len(written) > LONGEST_NUMBER else json.loads(written)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
