"""The environment of the message function."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from functions.shared import environment

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageSettings:
    """How much a client may say."""

    table: str
    messages_per_minute: int

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Self:
        """Read the settings.

        Raises:
            SettingsError: If a variable is missing or not usable.
        """
        return cls(
            table=environment.text(environ, "TABLE_NAME"),
            messages_per_minute=environment.whole_number(environ, "MESSAGES_PER_MINUTE"),
        )
