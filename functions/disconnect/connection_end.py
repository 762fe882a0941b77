"""How a connection ended: what API Gateway tells in the `$disconnect` event, and what was recorded of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from functions.shared.connections.model import Released


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionEnd:
    """The end of a connection."""

    duration: timedelta
    unheard_for: timedelta | None
    """Since its last keep-alive, if the connection was still known."""
    code: int | None
    """Of RFC 6455 §7.4; None if the gateway did not say."""


def end_from(context: dict[str, Any], released: Released | None, *, now: datetime) -> ConnectionEnd:
    """Read the request's context. The reason beside the code is the client's text, and is dropped."""
    # API Gateway has its own `connectedAt`; the emulator gives the time of the event there.
    connected_at = datetime.fromtimestamp(context["connectedAt"] / 1000, UTC)
    if released is not None:
        connected_at = min(connected_at, released.connected_at)
    return ConnectionEnd(
        duration=max(now - connected_at, timedelta()),
        unheard_for=max(now - released.heard_at, timedelta()) if released else None,
        code=context.get("disconnectStatusCode"),
    )
