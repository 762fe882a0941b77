"""Valid things of the domain; a test changes the one that it is about."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from functions.shared.connections.model import Connection, Slot
from functions.shared.generations.model import Generation, Status

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
USER = "user_123"
ORIGIN = "https://app.example.com"
LIFETIME = timedelta(hours=2)


def connection(connection_id: str = "c1", *, at: datetime = NOON, **changes: Any) -> Connection:
    """A socket that has just been opened."""
    valid: dict[str, Any] = {
        "connection_id": connection_id,
        "user_id": USER,
        "connected_at": at,
        "expires_at": at + LIFETIME,
        "origin": ORIGIN,
    }
    return Connection(**valid | changes)


def slot(number: int, connection_id: str, *, at: datetime = NOON, **changes: Any) -> Slot:
    """A slot that is held."""
    return Slot(number, connection(connection_id, at=at, **changes))


def generation(generation_id: str = "0" * 32, *, at: datetime = NOON, **changes: Any) -> Generation:
    """A generation that has just been accepted."""
    valid: dict[str, Any] = {
        "generation_id": generation_id,
        "user_id": USER,
        "chat_id": "chat_1",
        "model": "gpt-test",
        "status": Status.QUEUED,
        "attempt": 0,
        "created_at": at,
        "start_by": at + timedelta(minutes=5),
        "expires_at": at + timedelta(days=7),
        "request_hash": "hash",
    }
    return Generation(**valid | changes)
