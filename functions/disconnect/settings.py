"""The settings of the disconnect function."""

from __future__ import annotations

from dataclasses import dataclass

from functions.shared.settings import Settings


@dataclass(frozen=True, kw_only=True)
class DisconnectSettings(Settings):
    """The environment of the disconnect function."""

    table_name: str
