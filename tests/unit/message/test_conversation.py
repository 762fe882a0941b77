"""What a client may say, and what we answer."""

from __future__ import annotations

import json
from typing import Any

import pytest

from functions.message.conversation import (
    LONGEST_SIGN,
    REFUSALS_PER_MINUTE,
    Heard,
    Reply,
    Sign,
    reply_to,
    sign_from,
)
from tests.support.builders import LIFETIME, NOON

NOW = "2026-11-22T12:00:00.000Z"
LIMIT = 60


def heard(**changes: Any) -> Heard:
    """A connection that has spoken before, but not much."""
    valid: dict[str, Any] = {
        "connection_id": "c1",
        "expires_at": NOON + LIFETIME,
        "is_first": False,
        "messages_this_minute": 2,
        "refusals_this_minute": 0,
    }
    return Heard(**valid | changes)


def answer(sign: Sign | None, **changes: Any) -> Reply:
    return reply_to(sign, heard(**changes), messages_per_minute=LIMIT, now=NOON)


@pytest.mark.parametrize(
    ("body", "sign"),
    [
        ('{"type":"ping"}', Sign.PING),
        ('{"type":"heartbeat"}', Sign.HEARTBEAT),
        (' {\n"type" : "ping" }\n', Sign.PING),
        (r'{"type":"\u0070ing"}', Sign.PING),
        ('{"type":"ping","connection_id":"c9","user_id":"admin","x":[1,{}]}', Sign.PING),
        ('{"action":"generate","type":"heartbeat"}', Sign.HEARTBEAT),
    ],
)
def test_a_sign_of_life_is_told_by_its_type_alone(body: str, sign: Sign) -> None:
    assert sign_from(body) is sign


@pytest.mark.fault(42)
@pytest.mark.parametrize(
    "body",
    [
        '{"type":"ping","x":NaN}',
        '{"type":"ping","x":-Infinity}',
        '{"type":"ping","type":"ping"}',
        '{"type":"x","type":"ping"}',
        r'{"type":"ping","\u0074ype":"ping"}',
        '{"type":"ping","x":{"a":1,"a":2}}',
        '{"type":"ping","x":' + "[" * 1000,
        '{"type":"ping","x":1' + "0" * 400 + "}",
        '{"type":"ping","x":1e400}',
        r'{"type":"ping","x":"\ud800"}',
        r'{"type":"ping","\udfff":1}',
        '{"type":"ping","x":"\ud800"}',
        '\ufeff{"type":"ping"}',
    ],
)
def test_a_message_that_could_be_read_in_two_ways_is_no_sign_of_life(body: str) -> None:
    assert len(body) <= LONGEST_SIGN + 10

    assert sign_from(body) is None


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"type": "pong"},
        {"type": "PING"},
        {"type": "ping "},
        {"type": "generate", "prompt": "Tell me about otters"},
        {"type": ""},
        {"type": None},
        {"type": True},
        {"type": 1},
        {"type": ["ping"]},
        {"type": {"type": "ping"}},
        {"Type": "ping"},
        {"action": "ping"},
        {"action": "$connect"},
        {"action": "$disconnect"},
        {"action": "$default"},
        {"__proto__": {"type": "ping"}},
        {"message": {"type": "ping"}},
        [],
        [{"type": "ping"}],
        ["type", "ping"],
        "ping",
        1,
        1.5,
        None,
        True,
    ],
)
def test_other_messages_are_no_sign(message: object) -> None:
    assert sign_from(json.dumps(message)) is None


@pytest.mark.parametrize(
    "body",
    [
        None,
        "",
        " ",
        "ping",
        "{",
        "{}{}",
        '{"type":"ping"',
        "{'type':'ping'}",
        '{"type":"ping"}x',
        "\0",
        "\ud800",
        "[" * LONGEST_SIGN,
        '{"type":' * 128,
        "9" * LONGEST_SIGN,
        "-",
        "NaN",
        "1e999999",
        "\ufeff{}",
        '<script>alert("x")</script>',
        "'; DROP TABLE users; --",
        "🦦" * 100,
    ],
)
def test_what_is_no_json_is_no_sign(body: str | None) -> None:
    assert sign_from(body) is None


def test_a_long_body_is_refused_before_it_is_read() -> None:
    sign = '{"type":"ping"}'

    assert sign_from(sign.ljust(LONGEST_SIGN)) is Sign.PING
    assert sign_from(sign.ljust(LONGEST_SIGN + 1)) is None
    assert sign_from("[" * 130_000) is None
    assert sign_from(json.dumps({"type": "ping", "x": "y" * 130_000})) is None


@pytest.mark.parametrize("sign", list(Sign))
def test_the_first_sign_is_answered_with_connected(sign: Sign) -> None:
    assert answer(sign, is_first=True) == Reply(
        {
            "type": "system",
            "status": "connected",
            "message": "Connected.",
            "connection_id": "c1",
            "expires_at": "2026-11-22T14:00:00.000Z",
            "timestamp": NOW,
        }
    )


def test_a_ping_is_answered_with_a_pong() -> None:
    assert answer(Sign.PING) == Reply({"type": "pong", "timestamp": NOW})


def test_a_heartbeat_is_answered_with_alive() -> None:
    assert answer(Sign.HEARTBEAT) == Reply(
        {"type": "system", "status": "alive", "message": "The connection is alive.", "timestamp": NOW}
    )


@pytest.mark.parametrize("is_first", [True, False])
def test_all_else_is_rejected(*, is_first: bool) -> None:
    reply = answer(None, is_first=is_first, refusals_this_minute=1)

    assert (reply.message["status"], reply.message["code"], reply.closes) == ("rejected", 4000, False)


@pytest.mark.parametrize("sign", [*Sign, None])
@pytest.mark.parametrize("count", [LIMIT + 1, 2 * LIMIT])
def test_too_many_messages_are_told_so(sign: Sign | None, count: int) -> None:
    reply = answer(sign, messages_this_minute=count)

    assert reply.message["status"] == "rate_limited"
    assert reply.message["code"] == 4429
    assert not reply.closes


def test_the_limit_itself_is_within_the_limit() -> None:
    assert answer(Sign.PING, messages_this_minute=LIMIT).message["type"] == "pong"


@pytest.mark.parametrize("sign", [*Sign, None])
@pytest.mark.parametrize(
    "excess", [{"messages_this_minute": 2 * LIMIT + 1}, {"refusals_this_minute": REFUSALS_PER_MINUTE + 1}]
)
def test_who_keeps_on_is_told_why_and_closed(sign: Sign | None, excess: dict[str, int]) -> None:
    reply = answer(sign, **excess)

    assert reply.closes
    assert (reply.message["status"], reply.message["code"]) == ("closing", 4429)
    assert reply.message["message"]


def test_ten_refusals_a_minute_are_borne() -> None:
    assert not answer(None, refusals_this_minute=REFUSALS_PER_MINUTE).closes
