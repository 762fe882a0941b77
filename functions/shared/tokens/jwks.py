"""Keys that an identity provider publishes, kept in memory and asked for again now and then.

A good set stays in use while the endpoint fails, but not for ever: a withdrawn key must end some time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from typing import TYPE_CHECKING

from functions.shared.errors import Unavailable
from functions.shared.tokens.bounded_http import Unreachable
from functions.shared.tokens.public_keys import JsonWebKey, keys_from_jwks

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

FRESH_FOR = timedelta(minutes=5)
"""How long a withdrawn key may still count while the endpoint answers."""
KEPT_FOR = timedelta(hours=1)
"""How long the last good set counts while it does not; after that, every token is refused."""
PAUSE = timedelta(minutes=1)
"""Between two questions, whatever the reason: anybody can invent a `kid`."""
PAUSE_WITHOUT_KEYS = timedelta(seconds=5)


@dataclass(slots=True, kw_only=True)
class JwksCache:
    """The last good JWK Set of one endpoint."""

    algorithm: str
    fetch: Callable[[], bytes]
    failed: Callable[[], object]
    """Called each time that the endpoint gave no usable set: a good one may stay in use for an hour."""
    _keys: Sequence[JsonWebKey] = ()
    _read_at: datetime | None = None
    _asked_at: datetime | None = None
    _lock: Lock = field(default_factory=Lock, repr=False)

    def candidates(self, key_id: str | None, *, now: datetime) -> Sequence[object]:
        """Return the keys of this name; without a name, the only key that there is.

        Raises:
            Unavailable: If there has been no good set yet, or none for too long.
        """
        with self._lock:
            if self._is_due(key_id, now):
                self._refresh(now)
            if self._read_at is not None and now - self._read_at >= KEPT_FOR:
                self._keys, self._read_at = (), None
            keys = self._keys
        if not keys:
            raise Unavailable("jwks")
        if key_id is None:
            return [key.key for key in keys] if len(keys) == 1 else []
        return [key.key for key in keys if key.key_id == key_id]

    def _is_due(self, key_id: str | None, now: datetime) -> bool:
        if self._asked_at is None:
            return True
        if self._read_at is None:
            return now - self._asked_at >= PAUSE_WITHOUT_KEYS
        is_known = key_id is None or any(key.key_id == key_id for key in self._keys)
        is_stale = now - self._read_at >= FRESH_FOR
        return now - self._asked_at >= PAUSE and (is_stale or not is_known)

    def _refresh(self, now: datetime) -> None:
        self._asked_at = now
        try:
            self._keys = keys_from_jwks(self.fetch(), self.algorithm)
        except (Unreachable, ValueError):
            self.failed()
            return
        self._read_at = now
