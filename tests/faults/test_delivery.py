"""Faults between the worker and the sockets."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.support.history import History
from tests.support.listener import Listener, listening

POSTS = "apigatewaymanagementapi"
LOST_REPLY = {"response": {"abort_bytes": 0}}


@pytest.mark.parametrize(
    ("times", "fault"),
    [
        pytest.param(6, {"error": {"code": "LimitExceededException", "status": 429}}, id="throttled"),
        pytest.param(5, {"error": {"code": "InternalServerError", "status": 500}}, id="500"),
        pytest.param(5, {"error": {"code": "ServiceUnavailable", "status": 503}}, id="503"),
        pytest.param(5, {"error": {"code": "ForbiddenException", "status": 403}}, id="403"),
        pytest.param(5, {"reset": True}, id="reset"),
        pytest.param(5, LOST_REPLY, id="lost-reply"),
        pytest.param(2, {"latency": 4000}, id="slower-than-the-time-out"),
    ],
)
@pytest.mark.fault(72, 74, 75)
async def test_posts_that_fail_lose_and_garble_nothing(
    history: History, times: int, fault: dict[str, Any]
) -> None:
    await history.listen(history.user)
    await history.listen(history.user)

    history.lab.proxy.rule(POSTS, times=times, **fault)
    await history.ask(history.user)
    await history.settle()

    assert len(history.lab.proxy.fired()) == times


@pytest.mark.fault(72)
async def test_with_every_post_throttled_the_answer_is_kept_and_told_to_who_comes_back(
    history: History,
) -> None:
    await history.listen(history.user, throughout=False)
    history.lab.proxy.rule(POSTS, times=10_000, error={"code": "LimitExceededException", "status": 429})

    asked = await history.ask(history.user, rate=100)
    final = await history.status(asked, "completed")

    assert final["text"] == asked.text
    assert len(history.lab.proxy.fired()) >= 2


@pytest.mark.fault(70)
async def test_a_socket_that_has_gone_frees_its_slot_and_the_others_go_on(history: History) -> None:
    staying = await history.listen(history.user)
    leaving = await history.listen(history.user, throughout=False)
    asked = await history.ask(history.user, rate=30)
    await leaving.until(lambda: leaving.generations.get(asked.generation_id))

    leaving.socket.transport.abort()
    heard = await staying.hear(asked.generation_id)

    assert heard.text == asked.text


@pytest.mark.fault(71)
async def test_twenty_reconnects_in_one_answer_miss_nothing(history: History) -> None:
    asked = await history.ask(history.user, deltas=[f"{number} " for number in range(400)], rate=12)
    for _ in range(20):
        async with listening(history.lab.site, history.user) as visitor:
            assert asked.text.startswith(await glimpse(visitor, asked.generation_id))
        await asyncio.sleep(0.2)

    last = await history.listen(history.user)
    heard = await last.hear(asked.generation_id)

    assert heard.text == asked.text


async def glimpse(visitor: Listener, generation_id: str) -> str:
    """Wait for the first text on a fresh socket."""
    heard = visitor.generations
    await visitor.until(lambda: generation_id in heard and heard[generation_id].text)
    assert heard[generation_id].missing == 0
    return heard[generation_id].text


@pytest.mark.fault(76)
async def test_an_answer_of_a_megabyte_arrives_whole_in_small_frames(history: History) -> None:
    listener = await history.listen(history.user)

    asked = await history.ask(history.user, deltas=["one line ", "é😀" * 100, "\n"], repeat=2_000, rate=0)
    heard = await listener.hear(asked.generation_id, seconds=60)

    assert len(asked.text.encode()) > 1_000_000
    assert heard.text == asked.text
    assert listener.largest <= 32 * 1024
    assert heard.response is not None
    assert (heard.response["response"], heard.response["length"]) == (None, len(asked.text))
