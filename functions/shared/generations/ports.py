"""What the reader of answers needs to know of one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import datetime


class HasText(Protocol):
    """An attempt whose text is stored: a generation's present one, or the one that a message names."""

    @property
    def generation_id(self) -> str: ...
    @property
    def attempt(self) -> int: ...
    @property
    def created_at(self) -> datetime: ...
