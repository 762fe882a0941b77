"""A ticket opens a socket for the user and the page that it was given to."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from functions.connect.handshake import Handshake
from functions.shared.connections.tickets import Ticket, new_secret
from functions.shared.errors import Forbidden, Unauthenticated
from functions.shared.origins import OriginAllowList
from tests.support.admission import FakeRegistry, NoTickets, admission
from tests.support.builders import LIFETIME, NOON, ORIGIN, USER

SECRET = new_secret()
NOW = int(NOON.timestamp())


@dataclass
class OneTicket(NoTickets):
    """The ticket of SECRET; it remembers who came with what."""

    session_expires_at: int = NOW + 3600
    asked: list[tuple[str, str, datetime]] = field(default_factory=list)

    def redeem(self, secret: str, *, origin: str, now: datetime) -> Ticket | None:
        self.asked.append((secret, origin, now))
        if secret != SECRET:
            return None
        return Ticket(user_id=USER, origin=origin, session_expires_at=self.session_expires_at, expires_at=now)


def handshake(ticket: str | None, *, origin: str | None = ORIGIN, user_id: str | None = None) -> Handshake:
    return Handshake(connection_id="c1", origin=origin, user_id=user_id, token=None, ticket=ticket)


def test_a_ticket_names_its_user() -> None:
    tickets = OneTicket()

    admitted = admission(FakeRegistry(), tickets=tickets).admit(handshake(SECRET), now=NOON)

    assert (admitted.user_id, admitted.origin) == (USER, ORIGIN)
    assert tickets.asked == [(SECRET, ORIGIN, NOON)]


def test_a_client_that_is_no_page_has_tickets_of_no_page() -> None:
    tickets = OneTicket()
    lenient = OriginAllowList(frozenset({ORIGIN}), missing_is_allowed=True)

    admission(FakeRegistry(), tickets=tickets, origins=lenient).admit(
        handshake(SECRET, origin=None), now=NOON
    )

    assert tickets.asked == [(SECRET, "", NOON)]


@pytest.mark.parametrize(("lives", "socket_lives"), [(600, timedelta(seconds=660)), (86_400, LIFETIME)])
def test_a_socket_outlives_the_token_behind_its_ticket_by_a_grace_at_most(
    lives: int, socket_lives: timedelta
) -> None:
    tickets = OneTicket(session_expires_at=NOW + lives)
    ours = admission(FakeRegistry(), tickets=tickets, token_grace_seconds=60)

    assert ours.admit(handshake(SECRET), now=NOON).expires_at == NOON + socket_lives


@pytest.mark.parametrize(
    "secret",
    ["", "short", SECRET[:-1], SECRET + "A", SECRET[:-1] + "=", f" {SECRET[1:]}", None],
    ids=["empty", "short", "one less", "one more", "padded", "blank", "none"],
)
@pytest.mark.fault(22)
def test_what_cannot_be_a_ticket_is_not_looked_up(secret: str | None) -> None:
    tickets = OneTicket()

    with pytest.raises(Unauthenticated) as refusal:
        admission(FakeRegistry(), tickets=tickets).admit(handshake(secret), now=NOON)

    assert refusal.value.reason == "ticket_form"
    assert tickets.asked == []


@pytest.mark.fault(22)
def test_a_ticket_that_nobody_gave_out_or_that_was_used_opens_nothing() -> None:
    with pytest.raises(Unauthenticated) as refusal:
        admission(FakeRegistry(), tickets=OneTicket()).admit(handshake(new_secret()), now=NOON)

    assert refusal.value.reason == "ticket"


@pytest.mark.fault(22)
def test_a_ticket_of_one_user_opens_no_socket_for_another() -> None:
    with pytest.raises(Forbidden):
        admission(FakeRegistry(), tickets=OneTicket()).admit(handshake(SECRET, user_id="other"), now=NOON)
