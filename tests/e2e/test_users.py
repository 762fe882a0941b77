"""What one user may have at once, and sees of it: sockets and answers under way."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable

import httpx
import pytest

from tests.support.busy import decided
from tests.support.contract import check_body
from tests.support.listener import Site, ask, listening

AT_ONCE = 20


def path(site: Site, *parts: str) -> str:
    return "/".join([site.http_url, "api/chat", *parts])


async def test_a_user_sees_the_own_sockets_and_closes_one_and_all(
    site: Site, http: httpx.AsyncClient
) -> None:
    mine = site.headers("hedy")
    async with (
        listening(site, "hedy") as first,
        listening(site, "hedy") as second,
        listening(site, "eve") as other,
    ):
        ids = [(await one.say({"type": "ping"}))["connection_id"] for one in (first, second, other)]
        listed = (await http.get(path(site, "connections"), headers=mine)).json()
        foreign = await http.delete(path(site, "connections", ids[2]), headers=mine)
        one = await http.delete(path(site, "connections", ids[0]), headers=mine)
        await first.until(lambda: first.socket.close_code)
        left = (await http.get(path(site, "connections"), headers=mine)).json()
        everything = await http.delete(path(site, "connections"), headers=mine)
        await second.until(lambda: second.socket.close_code)
        still_there = await other.say({"type": "ping"})

    for body in (listed, left):
        check_body("Connections", body)
    check_body("ConnectionsClosed", one.json())
    assert {held["connection_id"] for held in listed["connections"]} == set(ids[:2])
    assert foreign.status_code == httpx.codes.NOT_FOUND
    assert [held["connection_id"] for held in left["connections"]] == [ids[1]]
    assert everything.json()["closed"] == [ids[1]]
    assert [(one.messages[-1]["status"], one.messages[-1]["code"]) for one in (first, second)] == [
        ("closing", 1000)
    ] * 2
    assert still_there["type"] == "pong"


@pytest.mark.fault(55)
async def test_one_prompt_too_many_at_once_is_refused_and_disturbs_nobody(
    site: Site, http: httpx.AsyncClient
) -> None:
    def asking(user: str, number: int) -> Awaitable[httpx.Response]:
        key = f"{time.monotonic_ns()}-{number}"
        prompt = json.dumps({"key": key, "deltas": ["on and on "] * 600, "rate": 10})
        return decided(lambda: ask(http, site, user, prompt, **{"Idempotency-Key": key}))

    replies = await asyncio.gather(*(asking("grace", number) for number in range(AT_ONCE + 10)))
    for_another = await asking("linus", 0)

    accepted = [reply.json()["generation_id"] for reply in replies if reply.status_code == 202]
    refused = [reply for reply in replies if reply.status_code == 429]
    assert (len(accepted), len(refused)) == (AT_ONCE, 10)
    assert {reply.json()["code"] for reply in refused} == {"too_many_at_once"}
    assert all(int(reply.headers["retry-after"]) > 0 for reply in refused)
    assert for_another.status_code == 202
    for user, generation_ids in (("grace", accepted), ("linus", [for_another.json()["generation_id"]])):
        for generation_id in generation_ids:
            await http.post(path(site, "generations", generation_id, "cancel"), headers=site.headers(user))
