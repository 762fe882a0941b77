"""JSON that can be read in one way only."""

from __future__ import annotations

import json
import math
from typing import Any


def read_object(data: bytes) -> dict[str, Any]:
    """Read a JSON object.

    Raises:
        ValueError: As `read_value`, and if it is no object.
    """
    value = read_value(data)
    if not isinstance(value, dict):
        raise ValueError("not an object")  # noqa: TRY004  one error for all that is not what we read
    return value


def read_value(data: bytes) -> Any:
    """Read JSON (RFC 8259) in which no name stands twice in an object.

    Raises:
        ValueError: If it is anything else: not UTF-8, not JSON, NaN, nested too deeply.
    """
    try:
        return json.loads(
            data.decode(),
            object_pairs_hook=_without_repetition,
            parse_constant=_refuse,
            parse_int=_whole,
        )
    except RecursionError:
        raise ValueError("nested too deeply") from None


def check_portable(value: object) -> None:
    """Look for what JSON can write and not all can read: half a surrogate pair, a number beyond a double.

    Raises:
        ValueError: If there is any.
    """
    json.dumps(value, ensure_ascii=False, allow_nan=False).encode()


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a name stands twice")
    return value


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def _whole(number: str) -> float:
    """Read a whole number; one beyond a double is infinity, as it is with a fraction or an exponent."""
    value = int(number)
    return math.inf if math.isinf(float(number)) else value
