"""Who may open a socket."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from functions.shared.connections import Connection, Slot
from functions.shared.errors import Forbidden, TooManyConnections, Unauthenticated, Unavailable
from functions.shared.tickets import is_secret
from functions.shared.tokens import Bearer

if TYPE_CHECKING:
    from collections.abc import Callable

    from functions.connect.knock import Knock
    from functions.shared.origins import OriginAllowList
    from functions.shared.tickets import Ticket
    from functions.shared.tokens import TokenVerifier

# API Gateway answers "gone" for a connection whose handshake has not ended, and a handshake may take 29 s.
HANDSHAKE = timedelta(seconds=30)
ATTEMPTS = 8


class Registry(Protocol):
    """Where slots are kept."""

    def slots(self, user_id: str, *, now: datetime) -> list[Slot]: ...

    def claim(
        self, connection: Connection, slot: int, *, now: datetime, instead_of: str | None = None
    ) -> bool: ...


class Tickets(Protocol):
    """Where tickets are used up."""

    def redeem(self, secret: str, *, origin: str, now: datetime) -> Ticket | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """Lets in known users from allowed pages, a few sockets at a time."""

    tokens: TokenVerifier
    origins: OriginAllowList
    tickets: Tickets
    registry: Registry
    is_gone: Callable[[str], bool]
    connections_per_user: int
    lifetime: timedelta
    token_grace: timedelta
    sleep: Callable[[float], None] = time.sleep

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
        if knock.user_id is not None and knock.user_id != bearer.user_id:
            raise Forbidden("user_id")
        connection = Connection(
            connection_id=knock.connection_id,
            user_id=bearer.user_id,
            connected_at=now,
            expires_at=min(now + self.lifetime, self._end_of(bearer)),
            origin=knock.origin or "",
        )
        self._seat(connection, now)
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

    def _seat(self, connection: Connection, now: datetime) -> None:
        for attempt in range(ATTEMPTS):
            held = self.registry.slots(connection.user_id, now=now)
            taken = {slot.number for slot in held}
            free = [number for number in range(self.connections_per_user) if number not in taken]
            if len(held) >= self.connections_per_user or not free:
                if not self._reclaim(connection, held, now):
                    raise TooManyConnections("cap")
                return
            if self.registry.claim(connection, random.choice(free), now=now):  # noqa: S311  spreads, no secret
                return
            self.sleep(random.uniform(0, 0.02 * 2**attempt))  # noqa: S311  jitter
        raise Unavailable("registry_contended")

    def _reclaim(self, connection: Connection, held: list[Slot], now: datetime) -> bool:
        """Take over the slot of a holder that the gateway no longer knows, the oldest first."""
        settled = [slot for slot in held if now - slot.connection.connected_at > HANDSHAKE]
        for slot in sorted(settled, key=lambda slot: slot.connection.connected_at):
            holder = slot.connection.connection_id
            if self.is_gone(holder) and self.registry.claim(
                connection, slot.number, now=now, instead_of=holder
            ):
                return True
        return False
