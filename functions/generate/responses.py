"""How the HTTP API describes a generation."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from functions.shared.times import rfc3339

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from functions.generate.pages import Page
    from functions.shared.connections.model import Connection
    from functions.shared.generations.model import Generation


def accepted(generation: Generation) -> dict[str, Any]:
    """The answer to a prompt: the same for the same Idempotency-Key, whatever has happened since."""
    return {**_names(generation), "status": "queued", "timestamp": rfc3339(generation.created_at)}


def cancelling(generation: Generation, *, now: datetime) -> dict[str, Any]:
    """The answer to a cancellation: where the generation is right now."""
    return {**_names(generation), "status": generation.status, "timestamp": rfc3339(now)}


def ticket(secret: str, websocket_url: str, *, expires_in: timedelta) -> dict[str, Any]:
    """The answer to a request for a ticket. `expires_in` is in whole seconds."""
    return {
        "ticket": secret,
        "expires_in": int(expires_in.total_seconds()),
        "websocket_url": websocket_url,
    }


def connections(user_id: str, held: list[Connection], *, maximum: int, now: datetime) -> dict[str, Any]:
    """A user's open sockets."""
    return {
        "user_id": user_id,
        "connections": [
            {
                "connection_id": connection.connection_id,
                "origin": connection.origin or None,
                "connected_at": rfc3339(connection.connected_at),
                "expires_at": rfc3339(connection.expires_at),
            }
            for connection in held
        ],
        "maximum": maximum,
        "timestamp": rfc3339(now),
    }


def closed(user_id: str, connection_ids: list[str], *, now: datetime) -> dict[str, Any]:
    """Which sockets were closed."""
    return {"user_id": user_id, "closed": connection_ids, "timestamp": rfc3339(now)}


def state(generation: Generation, page: Page, *, offset: int, now: datetime) -> dict[str, Any]:
    """A generation, with the part of its stored text that begins at `offset` (code points)."""
    outcome = generation.outcome
    failure = outcome.failure if outcome else None
    return {
        **_names(generation),
        "status": generation.status,
        "attempt": generation.attempt,
        "offset": offset,
        "text": page.text,
        "next_offset": offset + len(page.text),
        "has_more": page.has_more,
        "length": page.length,
        "model": generation.model,
        "finish_reason": outcome.finish_reason if outcome else None,
        "usage": asdict(outcome.usage) if outcome and outcome.usage else None,
        "error": failure.sentence if failure else None,
        "code": failure.code if failure else None,
        "retryable": failure.retryable if failure else None,
        "created_at": rfc3339(generation.created_at),
        "timestamp": rfc3339(now),
    }


def _names(generation: Generation) -> dict[str, Any]:
    return {
        "generation_id": generation.generation_id,
        "user_id": generation.user_id,
        "chat_id": generation.chat_id,
    }
