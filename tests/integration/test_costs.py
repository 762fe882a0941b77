"""What the bill is calculated from is what the functions do: their calls, counted."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator

import pytest

from functions.disconnect import handler as disconnect
from tests.integration.functions_in_process import FunctionsInProcess
from tests.support import environment
from tests.support.builders import ORIGIN
from tests.support.events import Context, disconnect_event
from tests.support.metered import metered
from tools.costs import usage
from tools.costs.prices import Item

POST_WRITES, POST_READS = 3, 1


@pytest.fixture
def counted(functions: FunctionsInProcess, monkeypatch: pytest.MonkeyPatch) -> Iterator[Counter[Item]]:
    for name, value in environment.DISCONNECT.items():
        monkeypatch.setenv(name, value)
    disconnect.connections.cache_clear()
    yield metered(monkeypatch)
    disconnect.connections.cache_clear()


def test_a_ticket_a_handshake_and_a_disconnect_use_what_is_calculated(
    functions: FunctionsInProcess, counted: Counter[Item]
) -> None:
    reply = functions.call("POST", "/api/chat/connection-tickets", "ada", headers={"origin": ORIGIN})
    ticket = json.loads(reply["body"])["ticket"]
    assert functions.handshake("ada", query=[("ticket", ticket)], connection_id="c1")["statusCode"] == 200
    disconnect.handler(disconnect_event("c1"), Context())

    admission = usage.admission()
    assert counted == {item: admission[item] for item in (Item.WRITE, Item.READ)}


def test_a_heartbeat_uses_what_is_calculated(functions: FunctionsInProcess, counted: Counter[Item]) -> None:
    functions.handshake("ada", connection_id="c1")
    counted.clear()

    functions.say('{"type": "heartbeat"}', "c1")
    functions.say('{"type": "ping"}', "c1")

    # The gateway's meter counts what the client sends, too.
    counted[Item.WEBSOCKET_MESSAGE] += 2
    beat = usage.heartbeat()
    assert counted == {item: 2 * beat[item] for item in (Item.WRITE, Item.WEBSOCKET_MESSAGE)}


def test_a_prompt_uses_what_is_calculated(functions: FunctionsInProcess, counted: Counter[Item]) -> None:
    functions.asked("ada")

    assert counted == {Item.WRITE: POST_WRITES, Item.READ: POST_READS, Item.QUEUE_REQUEST: 2}
