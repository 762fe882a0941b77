"""What a verifier of tokens needs of the world: keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime


class Keys(Protocol):
    """Knows keys."""

    def candidates(self, key_id: str | None, *, now: datetime) -> Sequence[Any]:
        """Return the keys that may have signed a token with this `kid`, as PyJWT takes them."""
