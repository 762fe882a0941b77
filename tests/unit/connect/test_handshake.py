"""What a handshake asks for, and what it may not leave open."""

from __future__ import annotations

from typing import Any

import pytest

from functions.connect.handshake import read_handshake
from functions.shared.errors import Malformed, Refused, Unauthenticated
from tests.support.builders import ORIGIN, USER
from tests.support.events import connect_event

QUERY = (("user_id", USER), ("token", "t"))
HEADER = ("Authorization", "Bearer t")


def refusal_of(event: dict[str, Any]) -> tuple[type[Refused], str]:
    with pytest.raises(Refused) as refusal:
        read_handshake(event)
    return type(refusal.value), refusal.value.reason


@pytest.mark.parametrize("multi", [True, False])
def test_a_token_in_the_query_comes_with_the_name_of_its_user(*, multi: bool) -> None:
    handshake = read_handshake(connect_event(query=QUERY, connection_id="c7", multi=multi))

    assert (handshake.connection_id, handshake.origin, handshake.user_id, handshake.token) == (
        "c7",
        ORIGIN,
        USER,
        "t",
    )


@pytest.mark.parametrize("multi", [True, False])
def test_a_token_in_the_header_needs_no_name(*, multi: bool) -> None:
    handshake = read_handshake(connect_event(query=(), headers=[HEADER], multi=multi))

    assert (handshake.origin, handshake.user_id, handshake.token) == (None, None, "t")


def test_a_token_in_the_header_may_come_with_a_name() -> None:
    handshake = read_handshake(connect_event(query=[("user_id", USER)], headers=[HEADER]))

    assert (handshake.user_id, handshake.token) == (USER, "t")


@pytest.mark.parametrize("name", ["authorization", "AUTHORIZATION", "aUTHORIZATION"])
@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_headers_and_schemes_are_read_in_any_case(name: str, scheme: str) -> None:
    headers = [(name, f"{scheme} t"), ("ORIGIN", ORIGIN)]

    handshake = read_handshake(connect_event(query=(), headers=headers))

    assert (handshake.origin, handshake.token) == (ORIGIN, "t")


@pytest.mark.parametrize(
    ("query", "headers"),
    [
        ((), ()),
        ([("user_id", USER)], ()),
        ([("user_id", USER), ("token", "")], ()),
        ([("token", "")], ()),
        ([("user_id", USER), ("TOKEN", "t")], ()),
        ((), [("Authorization", "t")]),
        ((), [("Authorization", "Bearer ")]),
        ((), [("Authorization", "Bearer")]),
        ((), [("Authorization", "Basic dXNlcjpwYXNz")]),
        ((), [("X-Authorization", "Bearer t")]),
        ((), [("Cookie", "token=t")]),
    ],
)
@pytest.mark.parametrize("multi", [True, False])
def test_a_handshake_without_a_credential_is_refused(query: Any, headers: Any, *, multi: bool) -> None:
    event = connect_event(query=query, headers=headers, multi=multi)

    assert refusal_of(event) == (Unauthenticated, "no_credential")


@pytest.mark.parametrize(
    ("query", "headers", "reason"),
    [
        (QUERY, [HEADER], "two_credentials"),
        ([("user_id", USER), ("token", "")], [HEADER], "two_credentials"),
        ([*QUERY, ("token", "other")], (), "token_repeated"),
        ([*QUERY, ("token", "t")], (), "token_repeated"),
        ([*QUERY, ("user_id", "other")], (), "user_id_repeated"),
        ((), [HEADER, ("Authorization", "Bearer other")], "authorization_repeated"),
        ((), [HEADER, ("authorization", "Bearer t")], "authorization_repeated"),
        (QUERY, [("Origin", ORIGIN), ("Origin", "https://evil.io")], "origin_repeated"),
        (QUERY, [("Origin", ORIGIN), ("origin", ORIGIN)], "origin_repeated"),
    ],
)
@pytest.mark.fault(18)
def test_what_is_said_twice_is_not_guessed(query: Any, headers: Any, reason: str) -> None:
    assert refusal_of(connect_event(query=query, headers=headers)) == (Malformed, reason)


@pytest.mark.parametrize("query", [[("token", "t")], [("token", "t"), ("user_id", "")]])
def test_a_token_in_the_query_without_a_name_is_malformed(query: Any) -> None:
    assert refusal_of(connect_event(query=query)) == (Malformed, "user_id_missing")


@pytest.mark.parametrize("name", ["X-Forwarded-Origin", "Sec-WebSocket-Origin", "Referer", "Host"])
@pytest.mark.fault(27)
def test_only_the_origin_header_tells_the_origin(name: str) -> None:
    assert read_handshake(connect_event(query=QUERY, headers=[(name, ORIGIN)])).origin is None


def test_a_handshake_with_neither_headers_nor_query_is_no_fault_of_ours() -> None:
    event = connect_event(query=()) | {"headers": None, "multiValueHeaders": None}

    assert refusal_of(event) == (Unauthenticated, "no_credential")


def test_a_handshake_does_not_show_its_token() -> None:
    handshake = read_handshake(connect_event(query=[("user_id", USER), ("token", "canary-token")]))

    assert "canary" not in repr(handshake)


def test_a_ticket_alone_is_a_credential() -> None:
    handshake = read_handshake(connect_event(query=[("ticket", "t1")]))

    assert (handshake.ticket, handshake.token, handshake.user_id, handshake.subprotocol) == (
        "t1",
        None,
        None,
        None,
    )


def test_a_token_among_the_subprotocols_is_a_credential_and_one_protocol_is_echoed() -> None:
    offer = ("Sec-WebSocket-Protocol", "framestream.v1, bearer.a.b.c")
    handshake = read_handshake(connect_event(query=[], headers=[offer]))

    assert (handshake.token, handshake.ticket, handshake.subprotocol) == ("a.b.c", None, "framestream.v1")


def test_a_ticket_may_come_with_our_subprotocol() -> None:
    offer = ("Sec-WebSocket-Protocol", "framestream.v1")
    handshake = read_handshake(connect_event(query=[("ticket", "t1")], headers=[offer]))

    assert (handshake.ticket, handshake.subprotocol) == ("t1", "framestream.v1")


@pytest.mark.fault(18)
@pytest.mark.parametrize(
    ("query", "offer"),
    [
        ([("ticket", "t"), ("user_id", USER), ("token", "t")], "framestream.v1"),
        ([("ticket", "t")], "framestream.v1, bearer.t"),
        ([("ticket", "t"), ("ticket", "u")], ""),
        ([], "framestream.v1, bearer.a, bearer.b"),
        ([], "bearer.a"),
    ],
)
def test_two_credentials_or_an_offer_that_cannot_be_answered_are_malformed(query: Any, offer: str) -> None:
    event = connect_event(query=query, headers=[("Sec-WebSocket-Protocol", offer)])

    assert refusal_of(event)[0] is Malformed
