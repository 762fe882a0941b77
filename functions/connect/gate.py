"""Who may open a socket."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from functions.shared.connections import Connection
from functions.shared.errors import Forbidden, Unauthenticated, naming
from functions.shared.tickets import is_secret
from functions.shared.tokens import Bearer

if TYPE_CHECKING:
    from functions.connect.knock import Knock
    from functions.connect.seats import Seats
    from functions.shared.origins import OriginAllowList
    from functions.shared.tickets import Ticket
    from functions.shared.tokens import TokenVerifier


class Tickets(Protocol):
    """Where tickets are used up."""

    def redeem(self, secret: str, *, origin: str, now: datetime) -> Ticket | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """Lets in known users from allowed pages, a few sockets at a time."""

    tokens: TokenVerifier
    origins: OriginAllowList
    tickets: Tickets
    seats: Seats
    lifetime: timedelta
    token_grace: timedelta

    def admit(self, knock: Knock, *, now: datetime) -> Connection:
        """Record the connection and return it.

        Raises:
            Forbidden: If the page is not one of ours, or the token is another user's.
            Unauthenticated: If the token does not name a user.
            TooManyConnections: If the user holds too many live connections already.
            Unavailable: If the registry did not come to an answer.
        """
        if not self.origins.allows(knock.origin):
            raise Forbidden("origin")
        bearer = self._bearer(knock, now)
        with naming(bearer.user_id):
            if knock.user_id is not None and knock.user_id != bearer.user_id:
                raise Forbidden("user_id")
            return self._seated(knock, bearer, now)

    def _seated(self, knock: Knock, bearer: Bearer, now: datetime) -> Connection:
        connection = Connection(
            connection_id=knock.connection_id,
            user_id=bearer.user_id,
            connected_at=now,
            expires_at=min(now + self.lifetime, self._end_of(bearer)),
            origin=knock.origin or "",
        )
        self.seats.seat(connection, now=now)
        return connection

    def _bearer(self, knock: Knock, now: datetime) -> Bearer:
        if knock.token is not None:
            return self.tokens.bearer(knock.token, now=now)
        secret = knock.ticket or ""
        if not is_secret(secret):
            raise Unauthenticated("ticket_form")
        ticket = self.tickets.redeem(secret, origin=knock.origin or "", now=now)
        if ticket is None:
            raise Unauthenticated("ticket")
        return Bearer(ticket.user_id, ticket.session_expires_at)

    def _end_of(self, bearer: Bearer) -> datetime:
        """When a socket ends at the latest: with its token, and a grace in which the client can come back."""
        return datetime.fromtimestamp(bearer.expires_at, UTC) + self.token_grace
