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
from tests.support.metered import recorded
from tools.costs import answer_usage, usage
from tools.costs.calls import CALLS
from tools.costs.prices import Item


@pytest.fixture
def counted(functions: FunctionsInProcess, monkeypatch: pytest.MonkeyPatch) -> Iterator[Counter[str]]:
    for name, value in environment.DISCONNECT.items():
        monkeypatch.setenv(name, value)
    disconnect.connections.cache_clear()
    yield recorded(monkeypatch)
    disconnect.connections.cache_clear()


def calls_of(counted: Counter[str]) -> dict[str, int]:
    """The calls since the last look."""
    calls = dict(counted)
    counted.clear()
    return calls


def test_a_ticket_a_handshake_and_a_disconnect_make_the_calls_that_are_billed(
    functions: FunctionsInProcess, counted: Counter[str]
) -> None:
    reply = functions.call("POST", "/api/chat/connection-tickets", "ada", headers={"origin": ORIGIN})
    assert calls_of(counted) == CALLS["ticket"]

    ticket = json.loads(reply["body"])["ticket"]
    assert functions.handshake("ada", query=[("ticket", ticket)], connection_id="c1")["statusCode"] == 200
    assert calls_of(counted) == CALLS["handshake"]

    disconnect.handler(disconnect_event("c1"), Context())
    assert calls_of(counted) == CALLS["disconnect"]


@pytest.mark.parametrize("kind", ["heartbeat", "ping"])
def test_a_heartbeat_is_one_write_and_one_answer_whichever_it_is(
    functions: FunctionsInProcess, counted: Counter[str], kind: str
) -> None:
    functions.handshake("ada", connection_id="c1")
    counted.clear()

    for _ in range(3):
        functions.say(json.dumps({"type": kind}), "c1")
        assert calls_of(counted) == CALLS["heartbeat"]


def test_a_prompt_makes_the_calls_that_are_billed(
    functions: FunctionsInProcess, counted: Counter[str]
) -> None:
    functions.asked("ada")

    assert calls_of(counted) == CALLS["prompt"]


def test_the_bill_takes_its_units_from_the_calls() -> None:
    admission, heartbeat = usage.admission(), usage.heartbeat()

    assert (admission[Item.WRITE], admission[Item.READ]) == (9, 4)
    assert (heartbeat[Item.WRITE], heartbeat[Item.WEBSOCKET_MESSAGE]) == (1, 2)
    assert (answer_usage.ANSWER_WRITES, answer_usage.ANSWER_READS) == (22, 8)
