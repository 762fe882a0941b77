"""The keys that may have signed a token, and the shared secrets among them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from functions.shared.errors import SettingsError
from functions.shared.tokens.algorithms import SHORTEST_SECRET

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedSecrets:
    """The current secret and, during a rotation, the previous one; a `kid` selects nothing."""

    algorithm: str
    values: Callable[[datetime], Sequence[str]]

    def candidates(self, _key_id: str | None, *, now: datetime) -> Sequence[str]:
        """Return all secrets.

        Raises:
            SettingsError: If one of them is too weak to trust, or is no secret.
        """
        secrets = self.values(now)
        for secret in secrets:
            if len(secret.encode()) < SHORTEST_SECRET[self.algorithm]:
                shortest = SHORTEST_SECRET[self.algorithm]
                raise SettingsError(f"the token secret must have at least {shortest} bytes")
            if "-----BEGIN" in secret:
                raise SettingsError("the token secret must be no PEM key: everybody may know such a key")
        return secrets
