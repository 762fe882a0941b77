"""What a client may say, and what we answer."""

from __future__ import annotations

import json
from typing import Any

import pytest

from functions.message.replies import (
    LONGEST_KEEP_ALIVE,
    REFUSALS_PER_MINUTE,
    KeepAlive,
    MessageTally,
    Reply,
    keep_alive_from,
    reply_to,
)
from functions.message.settings import MessageOptions
from tests.support.builders import LIFETIME, NOON

NOW = "2026-11-22T12:00:00.000Z"
LIMIT = 60


def tally(**changes: Any) -> MessageTally:
    """A connection that has spoken before, but not much."""
    valid: dict[str, Any] = {
        "connection_id": "c1",
        "expires_at": NOON + LIFETIME,
        "is_first": False,
        "messages_this_minute": 2,
        "refusals_this_minute": 0,
    }
    return MessageTally(**valid | changes)


def answer(keep_alive: KeepAlive | None, **changes: Any) -> Reply:
    return reply_to(keep_alive, tally(**changes), options=MessageOptions(messages_per_minute=LIMIT), now=NOON)


def told(reply: Reply, *fields: str) -> tuple[object, ...]:
    """These fields of the message, or None where it has no such field."""
    return tuple(reply.message.get(field) for field in fields)


@pytest.mark.parametrize(
    ("body", "keep_alive"),
    [
        ('{"type":"ping"}', KeepAlive.PING),
        ('{"type":"heartbeat"}', KeepAlive.HEARTBEAT),
        (' {\n"type" : "ping" }\n', KeepAlive.PING),
        (r'{"type":"\u0070ing"}', KeepAlive.PING),
        ('{"type":"ping","connection_id":"c9","user_id":"admin","x":[1,{}]}', KeepAlive.PING),
        ('{"action":"generate","type":"heartbeat"}', KeepAlive.HEARTBEAT),
    ],
)
def test_a_keep_alive_is_told_by_its_type_alone(body: str, keep_alive: KeepAlive) -> None:
    assert keep_alive_from(body) is keep_alive


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
def test_a_message_that_could_be_read_in_two_ways_is_no_keep_alive(body: str) -> None:
    assert len(body) <= LONGEST_KEEP_ALIVE + 10

    assert keep_alive_from(body) is None


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
def test_other_messages_are_no_keep_alive(message: object) -> None:
    assert keep_alive_from(json.dumps(message)) is None


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
        "[" * LONGEST_KEEP_ALIVE,
        '{"type":' * 128,
        "9" * LONGEST_KEEP_ALIVE,
        "-",
        "NaN",
        "1e999999",
        "\ufeff{}",
        '<script>alert("x")</script>',
        "'; DROP TABLE users; --",
        "🦦" * 100,
    ],
)
def test_what_is_no_json_is_no_keep_alive(body: str | None) -> None:
    assert keep_alive_from(body) is None


def test_a_long_body_is_refused_before_it_is_read() -> None:
    keep_alive = '{"type":"ping"}'

    assert keep_alive_from(keep_alive.ljust(LONGEST_KEEP_ALIVE)) is KeepAlive.PING
    assert keep_alive_from(keep_alive.ljust(LONGEST_KEEP_ALIVE + 1)) is None
    assert keep_alive_from("[" * 130_000) is None
    assert keep_alive_from(json.dumps({"type": "ping", "x": "y" * 130_000})) is None


@pytest.mark.parametrize("keep_alive", list(KeepAlive))
def test_the_first_keep_alive_is_answered_with_connected(keep_alive: KeepAlive) -> None:
    assert answer(keep_alive, is_first=True) == Reply(
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
    assert answer(KeepAlive.PING) == Reply({"type": "pong", "timestamp": NOW})


def test_a_heartbeat_is_answered_with_alive() -> None:
    assert answer(KeepAlive.HEARTBEAT) == Reply(
        {"type": "system", "status": "alive", "message": "The connection is alive.", "timestamp": NOW}
    )


@pytest.mark.parametrize("is_first", [True, False])
def test_all_else_is_rejected(*, is_first: bool) -> None:
    reply = answer(None, is_first=is_first, refusals_this_minute=1)

    assert (*told(reply, "status", "code"), reply.closes) == ("rejected", 4000, False)


@pytest.mark.parametrize("keep_alive", [*KeepAlive, None])
@pytest.mark.parametrize("count", [LIMIT + 1, 2 * LIMIT])
def test_too_many_messages_are_told_so(keep_alive: KeepAlive | None, count: int) -> None:
    reply = answer(keep_alive, messages_this_minute=count)

    assert told(reply, "status", "code") == ("rate_limited", 4429)
    assert not reply.closes


def test_the_limit_itself_is_within_the_limit() -> None:
    assert answer(KeepAlive.PING, messages_this_minute=LIMIT).message["type"] == "pong"


@pytest.mark.parametrize("keep_alive", [*KeepAlive, None])
@pytest.mark.parametrize(
    "excess", [{"messages_this_minute": 2 * LIMIT + 1}, {"refusals_this_minute": REFUSALS_PER_MINUTE + 1}]
)
def test_who_keeps_on_is_told_why_and_closed(keep_alive: KeepAlive | None, excess: dict[str, int]) -> None:
    reply = answer(keep_alive, **excess)

    assert reply.closes
    assert told(reply, "status", "code") == ("closing", 4429)
    assert told(reply, "message") != (None,)


def test_ten_refusals_a_minute_are_borne() -> None:
    assert not answer(None, refusals_this_minute=REFUSALS_PER_MINUTE).closes
