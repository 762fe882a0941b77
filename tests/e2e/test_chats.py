"""A chat on two tabs: both see the same, a later one catches up at once, and a deleted one is gone."""

from __future__ import annotations

import asyncio
import json
import time
from functools import partial
from typing import TYPE_CHECKING, Any

import httpx

from tests.support.contract import check_body
from tests.support.listener import Listener, Site, accepted, listening

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

TEXT = [f"w{number} " for number in range(100)]


def plan(deltas: list[str], *, rate: float = 0) -> str:
    return json.dumps({"key": f"k{time.monotonic_ns()}", "deltas": deltas, "rate": rate})


async def call(
    http: httpx.AsyncClient, site: Site, method: str, path: str, *, user: str, **request: Any
) -> httpx.Response:
    return await http.request(
        method, f"{site.http_url}/api/chat/chats{path}", headers=site.headers(user), **request
    )


def versions(listener: Listener) -> list[int]:
    """The versions of the chat that a tab was told, in order."""
    found = [each.get("version") or each.get("chat_version") for each in listener.messages]
    return [version for version in found if version]


def is_at(listener: Listener, version: int) -> bool:
    """Whether a tab was told this version last."""
    return versions(listener)[-1:] == [version]


async def eventually(condition: Callable[[], Awaitable[bool]], *, seconds: float = 60) -> None:
    async with asyncio.timeout(seconds):
        while not await condition():
            await asyncio.sleep(0.5)


async def test_two_tabs_see_the_same_and_a_reload_brings_it_again(
    site: Site, http: httpx.AsyncClient
) -> None:
    user = "chat_tabs"
    async with listening(site, user) as first, listening(site, user) as second:
        taken = await accepted(http, site, user, plan(["It ", "works."]))
        chat_id = taken["chat_id"]
        for tab in (first, second):
            await tab.hear(taken["generation_id"])
        renamed = await call(http, site, "PATCH", f"/{chat_id}", user=user, json={"title": "Tabs"})
        for tab in (first, second):
            await tab.until(partial(is_at, tab, 3))
        told = [versions(tab) for tab in (first, second)]
        asked = [each for each in second.messages if each["type"] == "chat_message"]

    page = (await call(http, site, "GET", f"/{chat_id}/messages", user=user)).json()
    later = (await call(http, site, "GET", f"/{chat_id}/messages", user=user, params={"since": 1})).json()

    check_body("ChatMessages", page)
    assert renamed.json()["title"] == page["chat"]["title"] == "Tabs"
    assert told == [[1, 2, 3], [1, 2, 3]]
    assert [each["event"] for each in asked] == ["prompt", "title"]
    assert (asked[0]["text"], asked[0]["message_id"]) == (
        page["messages"][0]["text"],
        page["messages"][0]["message_id"],
    )
    assert [each["text"] for each in page["messages"]][1:] == ["It works."]
    assert [each["number"] for each in later["messages"]] == [2]
    assert later["next_since"] == page["next_since"] == 3


async def test_a_chat_that_is_deleted_while_an_answer_is_made_is_gone(
    site: Site, http: httpx.AsyncClient
) -> None:
    user = "chat_deleter"
    async with listening(site, user) as tab:
        taken = await accepted(http, site, user, plan(TEXT, rate=5))
        chat_id, generation_id = taken["chat_id"], taken["generation_id"]
        await tab.until(lambda: generation_id in tab.generations and tab.generations[generation_id].text)
        deleted = await call(http, site, "DELETE", f"/{chat_id}", user=user)
        await tab.until(lambda: tab.messages[-1].get("event") == "deleted" or versions(tab)[-1:] == [2])

    async def is_gone() -> bool:
        kept = await http.get(
            f"{site.http_url}/api/chat/generations/{generation_id}", headers=site.headers(user)
        )
        return kept.status_code == httpx.codes.NOT_FOUND

    assert deleted.status_code == httpx.codes.OK
    assert deleted.json()["version"] == 2
    await eventually(is_gone)
    page = await call(http, site, "GET", f"/{chat_id}/messages", user=user)
    listed = (await call(http, site, "GET", "", user=user)).json()
    assert page.status_code == httpx.codes.NOT_FOUND
    assert listed["chats"] == []
