"""The environment of the disconnect function."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from functions.shared import environment

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class DisconnectSettings:
    """Where connections are recorded."""

    table: str

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Self:
        """Read the settings.

        Raises:
            SettingsError: If a variable is missing or not usable.
        """
        return cls(table=environment.text(environ, "TABLE_NAME"))
