"""Faults of the table, the queue and the model, seen through the whole system."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest

from tests.support.history import History
from tests.support.listener import ask

THROTTLED = {"error": {"code": "ProvisionedThroughputExceededException"}}
LOST_REPLY = {"response": {"abort_bytes": 0}}


@pytest.mark.fault(67)
@pytest.mark.parametrize(
    "fault", [THROTTLED, LOST_REPLY, {"reset": True}], ids=["throttled", "lost", "reset"]
)
@pytest.mark.parametrize("operation", ["UpdateItem", "PutItem", "Query", "GetItem"])
async def test_a_table_that_fails_for_a_while_loses_nothing(
    history: History, operation: str, fault: dict[str, Any]
) -> None:
    await history.listen(history.user)
    asked = await history.ask(history.user, rate=30, calls=2)

    history.lab.proxy.rule("dynamodb", operation=operation, times=6, **fault)
    await history.settle()

    fired = history.lab.proxy.fired()
    assert fired or operation == "GetItem"
    assert asked.final["status"] == "completed"


@pytest.mark.fault(49)
async def test_a_queue_that_is_down_is_a_503_and_the_same_key_works_afterwards(history: History) -> None:
    history.lab.proxy.rule(
        "sqs", operation="SendMessage", times=100, error={"code": "ServiceUnavailable", "status": 503}
    )
    prompt = json.dumps({"key": "down", "deltas": ["a ", "b"], "faults": []})
    refused = await ask(history.http, history.lab.site, history.user, prompt, **{"Idempotency-Key": "down"})
    fired = history.lab.proxy.fired()

    history.lab.proxy.calm()
    await history.listen(history.user)
    accepted = await history.ask(history.user, key="k-after", rate=0)
    again = await ask(history.http, history.lab.site, history.user, prompt, **{"Idempotency-Key": "down"})
    await asyncio.sleep(0)

    assert (refused.status_code, refused.json()["code"]) == (503, 1013)
    assert fired
    assert again.status_code == httpx.codes.ACCEPTED
    await history.status(accepted, "completed")
    async with asyncio.timeout(60):
        while len(history.lab.calls("down")) < 1:
            await asyncio.sleep(0.1)
    history.listeners.clear()


@pytest.mark.fault(49, 50)
async def test_a_lost_reply_of_the_queue_makes_one_call(history: History) -> None:
    await history.listen(history.user)
    history.lab.proxy.rule("sqs", operation="SendMessage", times=1, **LOST_REPLY)

    asked = await history.ask(history.user, rate=30)
    await history.settle()

    assert len(history.lab.proxy.fired()) == 1
    assert len(history.lab.calls(asked.key)) == 1


@pytest.mark.fault(81, 83, 84)
@pytest.mark.parametrize(
    ("faults", "endings"),
    [
        ([{"kind": "status", "code": 429, "retry_after": 1}], "completed"),
        ([{"kind": "status", "code": 503, "retry_after": 0.1}], "completed"),
        ([{"kind": "status", "code": 401}], "failed"),
        ([{"kind": "cut", "after": 30}], "completed"),
        ([{"kind": "end", "after": 30}], "completed"),
        ([{"kind": "malformed", "after": 30}], "completed"),
        ([{"kind": "vllm_error", "after": 0}], "completed"),
        ([{"kind": "stall", "after": 30}], "completed"),
        ([{"kind": "end", "after": 10}] * 3, "failed"),
    ],
    ids=lambda value: value if isinstance(value, str) else value[0]["kind"] + str(value[0].get("code", "")),
)
async def test_a_model_that_fails_ends_in_an_answer_or_in_a_clear_failure(
    history: History, faults: list[dict[str, Any] | None], endings: str
) -> None:
    await history.listen(history.user)

    asked = await history.ask(history.user, rate=100, faults=faults, endings=endings)
    await history.settle()

    assert [call["fault"] for call in history.lab.calls(asked.key)][: len(faults)] == [
        fault and fault["kind"] for fault in faults
    ]


@pytest.mark.fault(68)
async def test_cancelling_races_with_the_end_and_there_is_one_end(history: History) -> None:
    await history.listen(history.user)
    for number in range(8):
        asked = await history.ask(history.user, rate=100, endings="completed cancelled")
        await asyncio.sleep(0.15 * number)
        reply = await history.cancel(asked)
        assert reply.status_code == httpx.codes.ACCEPTED
    await history.settle()

    assert {asked.final["status"] for asked in history.asked} >= {"cancelled"}
