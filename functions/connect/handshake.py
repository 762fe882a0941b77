"""What a handshake asks for, read from API Gateway's event."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from functions.shared.errors import Malformed, Unauthenticated
from functions.shared.gateway_events import bearer_token, only

SUBPROTOCOL = "framestream.v1"
BEARER_PROTOCOL = "bearer."


@dataclass(frozen=True, slots=True, kw_only=True)
class Handshake:
    """A handshake: its connection's id, the page's Origin, and the token or ticket."""

    connection_id: str
    origin: str | None
    user_id: str | None
    token: str | None = field(repr=False)
    ticket: str | None = field(repr=False)
    """Exactly one of token and ticket is there."""
    subprotocol: str | None = None
    """What the answer must echo: a browser that offered subprotocols fails without (RFC 6455 §4.2.2)."""


def read_handshake(event: dict[str, Any]) -> Handshake:
    """Read a `$connect` event.

    Raises:
        Malformed: If it names two credentials, or a query token without `user_id`.
        Unauthenticated: If it names none.
    """
    if event["requestContext"].get("eventType") != "CONNECT":
        raise Malformed("a_message_asked_for_this_route")
    ticket = only(event, "queryStringParameters", "ticket")
    query_token = only(event, "queryStringParameters", "token")
    header_token = bearer_token(only(event, "headers", "authorization"))
    offered = _offered(event)
    tokens = [query_token, header_token, *_protocol_tokens(offered)]
    credentials = [credential for credential in (ticket, *tokens) if credential is not None]
    if len(credentials) > 1:
        raise Malformed("two_credentials")
    if not credentials or not credentials[0]:
        raise Unauthenticated("no_credential")
    user_id = only(event, "queryStringParameters", "user_id")
    if query_token is not None and not user_id:
        raise Malformed("user_id_missing")
    return Handshake(
        connection_id=event["requestContext"]["connectionId"],
        origin=only(event, "headers", "origin"),
        user_id=user_id,
        token=credentials[0] if ticket is None else None,
        ticket=ticket,
        subprotocol=SUBPROTOCOL if SUBPROTOCOL in offered else None,
    )


def _offered(event: dict[str, Any]) -> list[str]:
    header = only(event, "headers", "sec-websocket-protocol") or ""
    return [protocol.strip() for protocol in header.split(",") if protocol.strip()]


def _protocol_tokens(offered: list[str]) -> list[str]:
    tokens = [name.removeprefix(BEARER_PROTOCOL) for name in offered if name.startswith(BEARER_PROTOCOL)]
    if tokens and SUBPROTOCOL not in offered:
        raise Malformed("bearer_without_subprotocol")
    return tokens
