"""Where tickets are given out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions.generate.problems import OriginRequired, TooManyThisMinute
from functions.generate.routes import route
from functions.shared.connections.tickets import lifetime
from functions.shared.errors import TooManyConnections
from functions.shared.wire.bodies import TicketIssued

if TYPE_CHECKING:
    from functions.generate.api import Api
    from functions.generate.routes import Call


@route(
    "POST",
    "/api/chat/connection-tickets",
    returns=TicketIssued,
    status=201,
    refuses=(OriginRequired, TooManyConnections, TooManyThisMinute),
)
def issue_ticket(api: Api, call: Call) -> TicketIssued:
    """Give a ticket for one socket."""
    secret = api.ticket_issuer.issue(call.bearer, origin=call.headers.get("origin"), now=call.now)
    return {
        "ticket": secret,
        "expires_in": int(lifetime(call.bearer.expires_at, now=call.now).total_seconds()),
        "websocket_url": api.settings.websocket_url,
    }
