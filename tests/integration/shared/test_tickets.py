"""Tickets, from the issuer that gives them out to the admission that takes them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from functions.generate.limits import ticket_limits
from functions.generate.problems import OriginRequired
from functions.generate.recent_requests import RecentRequestsStore
from functions.generate.settings import GenerateOptions
from functions.generate.ticket_issuer import TicketIssuer
from functions.shared.connections.store import ConnectionStore
from functions.shared.connections.ticket_store import TicketStore
from functions.shared.connections.user_connections import UserConnections
from functions.shared.errors import TooManyConnections, Unauthenticated
from functions.shared.tokens.verifier import Bearer
from tests.support.admission import FakeSockets, admission, handshake
from tests.support.builders import NOON, ORIGIN, USER, connection
from tests.support.environment import TABLE_NAME

if TYPE_CHECKING:
    from collections.abc import Container

    from mypy_boto3_dynamodb import DynamoDBClient

    from functions.connect.admission import Admission

BEARER = Bearer(USER, int((NOON + timedelta(hours=1)).timestamp()))
OTHER_PAGE = "https://other.example.com"


@pytest.fixture
def tickets(dynamodb: DynamoDBClient) -> TicketStore:
    return TicketStore(dynamodb, TABLE_NAME)


@pytest.fixture
def registry(dynamodb: DynamoDBClient) -> ConnectionStore:
    return ConnectionStore(dynamodb, TABLE_NAME)


@pytest.fixture
def functions(tickets: TicketStore, registry: ConnectionStore) -> Admission:
    return admission(registry, tickets=tickets)


def issuer(
    tickets: TicketStore,
    registry: ConnectionStore,
    *,
    gone: Container[str] = (),
    **options: Any,
) -> TicketIssuer:
    return TicketIssuer(
        tickets=tickets,
        limits=ticket_limits(RecentRequestsStore(registry.client, TABLE_NAME, "TICKETS"), GenerateOptions()),
        connections=UserConnections(registry=registry, sockets=FakeSockets(gone)),
        sockets=FakeSockets(gone),
        options=GenerateOptions(**options),
    )


def fill(registry: ConnectionStore) -> None:
    for number, name in enumerate("abc"):
        assert registry.claim(connection(name), number, now=NOON)


def test_a_ticket_opens_one_socket_for_its_user(
    tickets: TicketStore, registry: ConnectionStore, functions: Admission
) -> None:
    secret = issuer(tickets, registry).issue(BEARER, origin=ORIGIN, now=NOON)

    admitted = functions.admit(handshake("c1", user_id=None, token=None, ticket=secret), now=NOON)

    assert (admitted.user_id, admitted.connection_id) == (USER, "c1")
    with pytest.raises(Unauthenticated):
        functions.admit(handshake("c2", user_id=None, token=None, ticket=secret), now=NOON)


@pytest.mark.fault(22)
def test_of_fifty_uses_at_once_one_succeeds(tickets: TicketStore, registry: ConnectionStore) -> None:
    secret = issuer(tickets, registry).issue(BEARER, origin=ORIGIN, now=NOON)

    with ThreadPoolExecutor(50) as pool:
        uses = list(pool.map(lambda _: tickets.redeem(secret, origin=ORIGIN, now=NOON), range(50)))

    assert sum(ticket is not None for ticket in uses) == 1


@pytest.mark.fault(22)
def test_a_ticket_is_good_for_a_minute(tickets: TicketStore, registry: ConnectionStore) -> None:
    secret = issuer(tickets, registry).issue(BEARER, origin=ORIGIN, now=NOON)

    assert tickets.redeem(secret, origin=ORIGIN, now=NOON + timedelta(seconds=60)) is None
    assert tickets.redeem(secret, origin=ORIGIN, now=NOON + timedelta(seconds=59)) is not None


@pytest.mark.fault(22)
def test_another_page_cannot_use_a_ticket_and_does_not_use_it_up(
    tickets: TicketStore, registry: ConnectionStore
) -> None:
    secret = issuer(tickets, registry).issue(BEARER, origin=ORIGIN, now=NOON)

    assert tickets.redeem(secret, origin=OTHER_PAGE, now=NOON) is None
    assert tickets.redeem(secret, origin="", now=NOON) is None
    assert tickets.redeem(secret, origin=ORIGIN, now=NOON) is not None


@pytest.mark.fault(22)
def test_a_ticket_is_not_good_for_another_user(
    tickets: TicketStore, registry: ConnectionStore, functions: Admission
) -> None:
    secret = issuer(tickets, registry).issue(BEARER, origin=ORIGIN, now=NOON)

    with pytest.raises(Exception, match="not allowed"):
        functions.admit(handshake("c1", user_id="mallory", token=None, ticket=secret), now=NOON)


@pytest.mark.parametrize("secret", ["", "x", "A" * 42, "A" * 44, "A" * 42 + "=", "é" * 43, "A" * 43])
def test_what_is_no_ticket_opens_nothing(functions: Admission, secret: str) -> None:
    with pytest.raises(Unauthenticated):
        functions.admit(handshake(user_id=None, token=None, ticket=secret), now=NOON)


def test_a_socket_opened_with_a_ticket_ends_with_the_token_behind_it(
    tickets: TicketStore, registry: ConnectionStore
) -> None:
    secret = issuer(tickets, registry).issue(BEARER, origin=ORIGIN, now=NOON)
    functions = admission(registry, tickets=tickets, token_grace_seconds=0)

    admitted = functions.admit(handshake(user_id=None, token=None, ticket=secret), now=NOON)

    assert admitted.expires_at == NOON + timedelta(hours=1)


def test_only_a_hash_of_the_ticket_is_stored(
    tickets: TicketStore, registry: ConnectionStore, dynamodb: DynamoDBClient
) -> None:
    secret = issuer(tickets, registry).issue(BEARER, origin=ORIGIN, now=NOON)

    assert secret not in str(dynamodb.scan(TableName=TABLE_NAME)["Items"])


def test_at_the_cap_the_issuer_says_so(tickets: TicketStore, registry: ConnectionStore) -> None:
    fill(registry)

    with pytest.raises(TooManyConnections):
        issuer(tickets, registry).issue(BEARER, origin=ORIGIN, now=NOON)


def test_at_the_cap_a_holder_that_is_gone_does_not_count(
    tickets: TicketStore, registry: ConnectionStore
) -> None:
    fill(registry)

    assert issuer(tickets, registry, gone={"b"}).issue(BEARER, origin=ORIGIN, now=NOON)


def test_where_the_oldest_is_evicted_the_issuer_refuses_nobody(
    tickets: TicketStore, registry: ConnectionStore
) -> None:
    fill(registry)

    assert issuer(tickets, registry, connection_policy="evict_oldest").issue(BEARER, origin=ORIGIN, now=NOON)


def test_waiting_for_a_free_slot_uses_up_no_tickets(
    tickets: TicketStore, registry: ConnectionStore, dynamodb: DynamoDBClient
) -> None:
    fill(registry)
    before = dynamodb.scan(TableName=TABLE_NAME)["Items"]

    for _ in range(70):
        with pytest.raises(TooManyConnections):
            issuer(tickets, registry).issue(BEARER, origin=ORIGIN, now=NOON)

    assert dynamodb.scan(TableName=TABLE_NAME)["Items"] == before


def test_without_an_origin_there_is_a_ticket_only_where_there_is_a_socket(
    tickets: TicketStore, registry: ConnectionStore, dynamodb: DynamoDBClient
) -> None:
    with pytest.raises(OriginRequired, match="needs an Origin that this deployment allows"):
        issuer(tickets, registry).issue(BEARER, origin=None, now=NOON)
    assert dynamodb.scan(TableName=TABLE_NAME)["Items"] == []

    secret = issuer(tickets, registry, allow_missing_origin=True).issue(BEARER, origin=None, now=NOON)

    assert tickets.redeem(secret, origin="", now=NOON) is not None


@pytest.mark.fault(22)
def test_a_ticket_ends_with_its_token(tickets: TicketStore, registry: ConnectionStore) -> None:
    bearer = Bearer(USER, int((NOON + timedelta(seconds=20)).timestamp()))
    secret = issuer(tickets, registry).issue(bearer, origin=ORIGIN, now=NOON)

    assert tickets.redeem(secret, origin=ORIGIN, now=NOON + timedelta(seconds=20)) is None
    assert tickets.redeem(secret, origin=ORIGIN, now=NOON + timedelta(seconds=19)) is not None


@pytest.mark.parametrize("seconds", [0.9, 0, -5])
def test_a_token_that_ends_now_gets_no_ticket(
    tickets: TicketStore, registry: ConnectionStore, seconds: float
) -> None:
    bearer = Bearer(USER, int(NOON.timestamp()))

    with pytest.raises(Unauthenticated):
        issuer(tickets, registry).issue(bearer, origin=ORIGIN, now=NOON - timedelta(seconds=seconds))
