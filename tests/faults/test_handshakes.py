"""Faults while a socket opens and after it has closed: every user has three slots, and none is lost."""

from __future__ import annotations

import asyncio
import base64
import random
from typing import Any
from urllib.parse import urlsplit

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from tests.support.history import History
from tests.support.listener import Site
from tests.support.slots_in_table import is_known, let_time_pass, slots_in_table

LOST_REPLY = {"response": {"abort_bytes": 0}}
DOWN = {"error": {"code": "InternalServerError", "status": 500}}


async def is_refused(site: Site, user_id: str) -> bool:
    try:
        async with connect(site.socket_url(user_id), origin=site.origin):  # type: ignore[arg-type]
            return False
    except InvalidStatus:
        return True


async def until(condition: Any, *, seconds: float = 60) -> None:
    async with asyncio.timeout(seconds):
        while not await asyncio.to_thread(condition):
            await asyncio.sleep(0.05)


@pytest.mark.fault(35)
@pytest.mark.parametrize("times", [1, 2])
async def test_a_lost_reply_when_a_slot_is_taken_takes_one_slot(history: History, times: int) -> None:
    lab = history.lab
    lab.proxy.rule("dynamodb", operation="TransactWriteItems", times=times, **LOST_REPLY)
    for _ in range(3):
        await history.listen(history.user)

    assert len(lab.proxy.fired()) == times
    held = slots_in_table(lab, history.user)
    assert sorted(held) == [0, 1, 2]
    assert len(set(held.values())) == 3
    assert all(is_known(lab, connection_id) for connection_id in held.values())
    assert await is_refused(lab.site, history.user)


@pytest.mark.fault(35)
async def test_a_slot_of_a_handshake_that_heard_no_reply_at_all_is_taken_over(history: History) -> None:
    lab = history.lab
    for _ in range(2):
        await history.listen(history.user)
    before = slots_in_table(lab, history.user)
    lab.proxy.rule(
        "dynamodb", operation="TransactWriteItems", times=3, **LOST_REPLY
    )  # as often as it is tried

    assert await is_refused(lab.site, history.user)

    assert len(lab.proxy.fired()) == 3
    [leaked] = set(slots_in_table(lab, history.user)) - set(before)
    assert await is_refused(lab.site, history.user)
    let_time_pass(lab, history.user, leaked)
    await history.listen(history.user)
    after = slots_in_table(lab, history.user)
    assert {number: after[number] for number in before} == before
    assert await is_refused(lab.site, history.user)


@pytest.mark.fault(36)
@pytest.mark.parametrize("times", [1, 3])
@pytest.mark.parametrize("item", ["SLOT", "META"])
async def test_a_lost_reply_when_a_slot_is_released_releases_that_slot_alone(
    history: History, item: str, times: int
) -> None:
    lab = history.lab
    staying, leaving = await history.listen(history.user), await history.listen(history.user)
    before = slots_in_table(lab, history.user)
    left = (await leaving.say({"type": "ping"}))["connection_id"]
    [kept] = [number for number, held in before.items() if held != left]
    owner = f"USER#{history.user}" if item == "SLOT" else f"CONNECTION#{left}"
    lab.proxy.rule(
        "dynamodb", operation="DeleteItem", body=f"Key.pk.S == '{owner}'", times=times, **LOST_REPLY
    )

    await leaving.socket.close()
    history.live[history.user] -= 1
    await until(lambda: len(lab.proxy.fired()) == times)
    await until(lambda: len(slots_in_table(lab, history.user)) == 1)

    assert slots_in_table(lab, history.user) == {kept: before[kept]}
    for _ in range(2):
        await history.listen(history.user)
    assert await is_refused(lab.site, history.user)
    assert (await staying.say({"type": "ping"}))["type"] in {"pong", "system"}


@pytest.mark.fault(32, 37)
async def test_a_client_that_leaves_during_the_handshake_holds_no_slot_for_long(history: History) -> None:
    lab = history.lab
    for _ in range(2):
        await history.listen(history.user)
    before = slots_in_table(lab, history.user)
    lab.proxy.rule("dynamodb", operation="DeleteItem", times=100, **DOWN)  # No $disconnect gets through.

    await handshake_and_leave(lab.site, history.user)
    await until(lambda: len(slots_in_table(lab, history.user)) == 3)
    await until(lambda: len(lab.proxy.fired()) >= 3)
    [left] = set(slots_in_table(lab, history.user)) - set(before)

    lab.proxy.calm()
    assert await is_refused(lab.site, history.user)
    let_time_pass(lab, history.user, left)
    await history.listen(history.user)
    after = slots_in_table(lab, history.user)
    assert {number: after[number] for number in before} == before
    assert len(after) == 3


async def handshake_and_leave(site: Site, user_id: str) -> None:
    """Ask for a socket, and be gone before the answer."""
    url = urlsplit(site.socket_url(user_id))
    _, writer = await asyncio.open_connection(url.hostname, url.port)
    key = base64.b64encode(random.randbytes(16)).decode()  # noqa: S311  a nonce of the handshake
    head = {
        "Host": url.netloc,
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Key": key,
        "Sec-WebSocket-Version": "13",
        "Origin": site.origin,
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
    writer.write(f"GET {url.path}?{url.query} HTTP/1.1\r\n{lines}\r\n".encode())
    await writer.drain()
    writer.close()
    await writer.wait_closed()
