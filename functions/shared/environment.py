"""How settings are read from a function's environment.

Every failure names the variable and what is wanted, and never repeats a value.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from functions.shared.errors import SettingsError
from functions.shared.strict_json import read_object

if TYPE_CHECKING:
    from collections.abc import Mapping


def text(environ: Mapping[str, str], name: str) -> str:
    """Read a text that must be there."""
    value = environ.get(name, "").strip()
    if not value:
        raise SettingsError(f"{name} is not set")
    return value


def optional_text(environ: Mapping[str, str], name: str) -> str:
    """Read a text that may be empty."""
    return environ.get(name, "").strip()


def texts(environ: Mapping[str, str], name: str) -> tuple[str, ...]:
    """Read a comma-separated list of at least one text."""
    values = optional_texts(environ, name)
    if not values:
        raise SettingsError(f"{name} is not set")
    return values


def optional_texts(environ: Mapping[str, str], name: str) -> tuple[str, ...]:
    """Read a comma-separated list that may be empty."""
    return tuple(part.strip() for part in environ.get(name, "").split(",") if part.strip())


def optional_object(environ: Mapping[str, str], name: str) -> dict[str, object]:
    """Read a JSON object that may be missing."""
    value = optional_text(environ, name)
    try:
        return read_object(value.encode()) if value else {}
    except ValueError:
        raise SettingsError(f"{name} must be a JSON object") from None


def whole_number(environ: Mapping[str, str], name: str, *, minimum: int = 1) -> int:
    """Read a decimal number without sign."""
    value = text(environ, name)
    if not (value.isascii() and value.isdigit()) or int(value) < minimum:
        raise SettingsError(f"{name} must be a whole number of at least {minimum}")
    return int(value)


def seconds(environ: Mapping[str, str], name: str, *, minimum: int = 1) -> timedelta:
    """Read a number of seconds."""
    return timedelta(seconds=whole_number(environ, name, minimum=minimum))


def choice(environ: Mapping[str, str], name: str, allowed: tuple[str, ...]) -> str:
    """Read one of a few words."""
    value = text(environ, name)
    if value not in allowed:
        raise SettingsError(f"{name} must be one of {', '.join(allowed)}")
    return value


def truth(environ: Mapping[str, str], name: str) -> bool:
    """Read `true` or `false`."""
    value = text(environ, name)
    if value not in {"true", "false"}:
        raise SettingsError(f"{name} must be true or false")
    return value == "true"
