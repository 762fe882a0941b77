"""Issues a ticket for a page's next socket, or refuses it with the reason."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from functions.generate.problems import OriginRequired
from functions.shared.connections.tickets import Ticket, digest, lifetime, new_secret
from functions.shared.errors import TooManyConnections, Unauthenticated

if TYPE_CHECKING:
    from datetime import datetime

    from functions.generate.ports import Limits
    from functions.generate.settings import GenerateOptions
    from functions.shared.connections.ports import Sockets, Tickets
    from functions.shared.connections.user_connections import UserConnections
    from functions.shared.tokens.verifier import Bearer


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketIssuer:
    """Gives out tickets.

    A browser cannot read why a handshake failed, so everything that can be known before is told here.
    """

    tickets: Tickets
    limits: Limits
    connections: UserConnections
    sockets: Sockets
    options: GenerateOptions

    def issue(self, bearer: Bearer, *, origin: str | None, now: datetime) -> str:
        """Record a ticket and return its secret.

        What costs no write comes first: a page that waits for a free slot may ask as often as it likes.

        Raises:
            OriginRequired: If the socket would be refused because there is no Origin.
            Unauthenticated: If the token ends before a ticket could be used.
            TooManyConnections: If the user holds too many live connections already.
            TooManyThisMinute: If the user took too many tickets in the last minute.
        """
        if origin is None and not self.options.allow_missing_origin:
            raise OriginRequired(
                "A socket needs an Origin that this deployment allows, and this request has none: "
                "send the Origin that the socket will be opened with."
            )
        span = lifetime(bearer.expires_at, now=now)
        if span < timedelta(seconds=1):
            raise Unauthenticated("token_expires_now")
        self._check_cap(bearer.user_id, now)
        secret = new_secret()
        self.limits.admit(bearer.user_id, digest(secret), now=now)
        ticket = Ticket(
            user_id=bearer.user_id,
            origin=origin or "",
            session_expires_at=bearer.expires_at,
            expires_at=now + span,
        )
        self.tickets.put(secret, ticket)
        return secret

    def _check_cap(self, user_id: str, now: datetime) -> None:
        held = self.connections.of_user(user_id, now=now)
        is_full = len(held) >= self.options.connections_per_user and not self.options.evicts_oldest
        if is_full and not any(self.sockets.is_gone(connection.connection_id) for connection in held):
            raise TooManyConnections("cap")
