"""Remembers recently closed connections: messages already in flight are dropped without a write.

What a client sent in one go may be under way when its connection is closed. Without this, every message of a
flood would be counted in the table and answered, for as long as it takes the gateway to pass them on.
"""

from __future__ import annotations

from dataclasses import dataclass, field

MOST = 1000
"""Ids to remember; the gateway never gives one out twice."""


@dataclass(slots=True)
class RecentlyClosed:
    """The connections that this environment closed last."""

    _closed: dict[str, None] = field(default_factory=dict)

    def add(self, connection_id: str) -> None:
        """Remember that a connection was closed."""
        self._closed[connection_id] = None
        if len(self._closed) > MOST:
            del self._closed[next(iter(self._closed))]

    def __contains__(self, connection_id: str) -> bool:
        """Say whether a connection is over."""
        return connection_id in self._closed
