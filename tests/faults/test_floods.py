"""Clients that say too much, or what cannot be read: they are refused, then closed, and it costs little."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress

import pytest
from websockets.exceptions import ConnectionClosed

from tests.support.history import History
from tests.support.listener import Listener

PER_MINUTE = 60
REFUSALS = 10
PING = '{"type":"ping"}'


def watch_writes(history: History, connection_id: str) -> None:
    """Let the proxy note every write about a connection, as a delay of a millisecond."""
    history.lab.proxy.rule(
        "dynamodb",
        operation="UpdateItem",
        body=f"Key.pk.S == 'CONNECTION#{connection_id}'",
        latency=1,
        times=100_000,
    )


async def connected(listener: Listener) -> str:
    """Say the first word, and return what the server calls this connection."""
    connection_id: str = (await listener.say({"type": "ping"}))["connection_id"]
    return connection_id


async def shout(listener: Listener, message: str | bytes, times: int) -> None:
    """Say something again and again, hear that this was too much, and see whether the rest is still taken."""
    with suppress(ConnectionClosed):
        for _ in range(times):
            await listener.socket.send(message)
    await listener.until(lambda: listener.messages[-1].get("status") == "closing")
    await asyncio.sleep(1)
    listener.socket.transport.abort()  # The emulator goes through the whole flood before it closes.


@pytest.mark.fault(44)
async def test_a_flood_of_pings_is_closed_after_few_writes_and_disturbs_nobody(history: History) -> None:
    other = f"{history.user}-other"
    quiet = await history.listen(other)
    flooding = await history.listen(history.user, throughout=False)
    connection_id = await connected(flooding)
    asked = await history.ask(other, rate=20)
    await quiet.until(lambda: asked.generation_id in quiet.generations)
    watch_writes(history, connection_id)

    await shout(flooding, PING, 1000)
    writes = len(history.lab.proxy.fired())
    answer = await quiet.say({"type": "ping"})
    heard = await quiet.hear(asked.generation_id)

    # Twice the limit, the message that is one too many, and all of it again if a minute began meanwhile.
    assert 2 * PER_MINUTE <= writes <= 2 * (2 * PER_MINUTE + 2)
    told = [m["status"] for m in flooding.messages if m["type"] == "system"]
    assert "rate_limited" in told
    assert told[-1] == "closing"
    assert flooding.messages[-1]["code"] == 4429
    assert answer["type"] in {"pong", "system"}
    assert heard.text == asked.text


@pytest.mark.fault(43)
@pytest.mark.parametrize(
    ("message", "times"),
    [
        pytest.param(json.dumps({"type": "ping", "padding": "x" * 33_000}), 30, id="a frame over 32 KB"),
        pytest.param(json.dumps({"type": "ping", "padding": "x" * 131_000}), 30, id="a message over 128 KB"),
        pytest.param(b"\x00\xff" * 100, 30, id="binary"),
        pytest.param("", 10_000, id="ten thousand empty frames"),
    ],
)
async def test_what_is_no_keep_alive_is_refused_a_few_times_and_then_the_socket_closes(
    history: History, message: str | bytes, times: int
) -> None:
    """AWS itself closes a socket over the first two; here they come through, and we refuse them."""
    listener = await history.listen(history.user, throughout=False)
    calls = len(history.lab.calls())
    connection_id = await connected(listener)
    watch_writes(history, connection_id)

    await shout(listener, message, times)

    answers = [m for m in listener.messages if m["type"] == "system"][1:]
    statuses = [answer["status"] for answer in answers]
    assert statuses[:REFUSALS] == ["rejected"] * REFUSALS
    assert statuses[-1] == "closing"
    assert len(history.lab.proxy.fired()) <= 2 * (REFUSALS + 2)
    assert "x" * 100 not in json.dumps(listener.messages)
    assert len(history.lab.calls()) == calls
    await history.listen(history.user)  # The place is free again, and the user is not locked out.
