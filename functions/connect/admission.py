"""Decides which handshakes become connections."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from functions.shared.connections.model import Connection
from functions.shared.connections.tickets import is_secret
from functions.shared.errors import Forbidden, Unauthenticated, naming
from functions.shared.tokens.verifier import Bearer

if TYPE_CHECKING:
    from functions.connect.handshake import Handshake
    from functions.connect.settings import ConnectOptions
    from functions.connect.slot_assignment import SlotAssignment
    from functions.shared.connections.ports import Tickets
    from functions.shared.origins import OriginAllowList
    from functions.shared.tokens.verifier import TokenVerifier


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """Admits known users from allowed pages, up to a number of sockets each."""

    tokens: TokenVerifier
    origins: OriginAllowList
    tickets: Tickets
    slot_assignment: SlotAssignment
    options: ConnectOptions

    def admit(self, handshake: Handshake, *, now: datetime) -> Connection:
        """Record the connection and return it.

        Raises:
            Forbidden: If the page is not one of ours, or the token is another user's.
            Unauthenticated: If the token does not name a user.
            TooManyConnections: If the user holds too many live connections already.
            Unavailable: If the registry did not come to an answer.
        """
        if not self.origins.allows(handshake.origin):
            raise Forbidden("origin")
        bearer = self._bearer(handshake, now)
        with naming(bearer.user_id):
            if handshake.user_id is not None and handshake.user_id != bearer.user_id:
                raise Forbidden("user_id")
            return self._recorded(handshake, bearer, now)

    def _recorded(self, handshake: Handshake, bearer: Bearer, now: datetime) -> Connection:
        connection = Connection(
            connection_id=handshake.connection_id,
            user_id=bearer.user_id,
            connected_at=now,
            expires_at=min(now + self.options.connection_lifetime, self._end_of(bearer)),
            origin=handshake.origin or "",
        )
        self.slot_assignment.assign(connection, now=now)
        return connection

    def _bearer(self, handshake: Handshake, now: datetime) -> Bearer:
        if handshake.token is not None:
            return self.tokens.bearer(handshake.token, now=now)
        secret = handshake.ticket or ""
        if not is_secret(secret):
            raise Unauthenticated("ticket_form")
        ticket = self.tickets.redeem(secret, origin=handshake.origin or "", now=now)
        if ticket is None:
            raise Unauthenticated("ticket")
        return Bearer(ticket.user_id, ticket.session_expires_at)

    def _end_of(self, bearer: Bearer) -> datetime:
        """When a socket ends at the latest: with its token, and a grace in which the client can come back."""
        return datetime.fromtimestamp(bearer.expires_at, UTC) + self.options.token_grace
