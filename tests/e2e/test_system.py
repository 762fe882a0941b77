"""The whole system, through its public APIs: real sockets, real HTTP, the real template."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from tests.support.busy import PATIENCE, decided
from tests.support.listener import Site, accepted, ask, listening, read

TEXT = [f"w{number} " for number in range(200)]
TRICKY = [
    "👩‍",
    "👩‍👧 ",
    "🇳",
    "🇴 ",
    "e\u0301 ",
    "שלום ",
    "\u2028",
    "\ud83d",
    "\ude00 ",
    '"\\ <script>\x00',
    "Ж" * 500,
]


def plan(deltas: list[str], *, rate: float = 0, key: str | None = None, **more: Any) -> str:
    return json.dumps({"key": key or f"k{time.monotonic_ns()}", "deltas": deltas, "rate": rate, **more})


async def test_an_answer_arrives_whole_on_two_sockets_at_once(site: Site, http: httpx.AsyncClient) -> None:
    async with listening(site, "ada") as first, listening(site, "ada") as second:
        generation_id = (await accepted(http, site, "ada", plan(TEXT, rate=100)))["generation_id"]
        heard = [await first.hear(generation_id), await second.hear(generation_id)]

    for one in heard:
        assert one.text == "".join(TEXT)
        assert (one.repeated, one.missing) == (0, 0)
        assert one.statuses == ["started", "processing", "thinking", "streaming", "completed"]
        assert one.response is not None
        assert one.response["response"] == "".join(TEXT)
        assert one.response["usage"]["completion_tokens"] == len(TEXT)


@pytest.mark.fault(77)
async def test_tricky_text_arrives_byte_equal(site: Site, http: httpx.AsyncClient) -> None:
    async with listening(site, "ada") as listener:
        generation_id = (await accepted(http, site, "ada", plan(TRICKY, rate=20)))["generation_id"]
        heard = await listener.hear(generation_id)
    kept = await read(http, site, "ada", generation_id)

    expected = "".join(TRICKY).encode("utf-16", "surrogatepass").decode("utf-16")
    assert heard.text == kept["text"] == expected


async def test_twenty_users_at_once_each_get_every_token_once_and_in_order(
    site: Site, http: httpx.AsyncClient
) -> None:
    """A frame whose post is not answered in time comes twice, and its offset says so; text does not."""

    async def one(number: int) -> int:
        user = f"user_{number}"
        text = [f"{user}:{token} " for token in range(200)]
        async with listening(site, user) as listener:
            generation_id = (await accepted(http, site, user, plan(text, rate=50)))["generation_id"]
            heard = await listener.hear(generation_id, seconds=120)
        assert heard.text == "".join(text)
        return heard.missing

    assert await asyncio.gather(*(one(number) for number in range(20))) == [0] * 20


async def test_an_answer_can_be_read_from_an_offset_while_it_is_made_and_afterwards(
    site: Site, http: httpx.AsyncClient
) -> None:
    generation_id = (await accepted(http, site, "ada", plan(TEXT[:100], rate=10)))["generation_id"]
    async with asyncio.timeout(PATIENCE):
        while not (during := await read(http, site, "ada", generation_id))["text"]:
            await asyncio.sleep(0.2)
    async with asyncio.timeout(PATIENCE):
        while (after := await read(http, site, "ada", generation_id, offset=10))["status"] != "completed":
            await asyncio.sleep(0.2)

    assert during["status"] == "processing"
    assert "".join(TEXT[:100]).startswith(during["text"])
    assert after["text"] == "".join(TEXT[:100])[10:]


@pytest.mark.fault(41, 45)
async def test_keep_alives_are_answered_and_all_else_is_refused(site: Site) -> None:
    async with listening(site, "grace") as listener:
        connected = await listener.say({"type": "heartbeat"})
        pong = await listener.say({"type": "ping"})
        alive = await listener.say({"type": "heartbeat", "connection_id": "somebody-elses"})
        refused = [
            await listener.say(message)
            for message in ({"type": "generate", "prompt": "hi"}, "not json", [1], {"action": "generate"})
        ]

    assert connected["status"] == "connected"
    assert set(connected) >= {"connection_id", "expires_at", "timestamp", "message"}
    assert pong["type"] == "pong"
    assert alive["status"] == "alive"
    assert [(message["status"], message["code"]) for message in refused] == [("rejected", 4000)] * 4


async def refusal(site: Site, url: str, **headers: str) -> int:
    origin = headers.pop("origin", site.origin)
    with pytest.raises(InvalidStatus) as refused:
        async with connect(url, origin=origin or None, additional_headers=headers):  # type: ignore[arg-type]
            pass
    return refused.value.response.status_code


async def test_a_handshake_is_refused_for_every_reason_that_there_is(site: Site) -> None:
    # The emulator answers 403 to every refused handshake; the handler's tests see the true statuses.
    good = site.socket_url("eve")
    other = site.token("eve", sub="mallory")
    expired = site.token("eve", exp=int(time.time()) - 60)
    reasons = {
        "no credential": await refusal(site, site.websocket_url),
        "another user's token": await refusal(site, site.socket_url("eve", token=other)),
        "expired": await refusal(site, site.socket_url("eve", token=expired)),
        "no user": await refusal(site, f"{site.websocket_url}?token={site.token('eve')}"),
        "two credentials": await refusal(site, good, authorization=f"Bearer {site.token('eve')}"),
        "foreign page": await refusal(site, good, origin="https://evil.example"),
        "no page": await refusal(site, good, origin=""),
    }

    assert reasons == dict.fromkeys(reasons, 403)


async def test_a_token_in_the_header_is_a_credential(site: Site) -> None:
    headers = {"Authorization": f"Bearer {site.token('hedy')}"}
    async with connect(site.websocket_url, origin=site.origin, additional_headers=headers) as socket:  # type: ignore[arg-type]
        await socket.send('{"type":"ping"}')
        answer = json.loads(await asyncio.wait_for(socket.recv(), 10))

    assert answer["status"] == "connected"


async def test_a_closed_socket_gives_its_slot_to_the_next(site: Site) -> None:
    async with listening(site, "joan"), listening(site, "joan"):
        async with listening(site, "joan"):
            pass
        async with asyncio.timeout(PATIENCE):
            while True:
                try:
                    async with listening(site, "joan"):
                        break
                except InvalidStatus:
                    await asyncio.sleep(0.1)


@pytest.mark.fault(47, 48)
async def test_the_same_key_is_the_same_generation(site: Site, http: httpx.AsyncClient) -> None:
    def asking(prompt: str) -> Awaitable[httpx.Response]:
        return decided(lambda: ask(http, site, "ada", prompt, **{"Idempotency-Key": "key-1"}))

    prompt = plan(TEXT[:20])
    replies = await asyncio.gather(*(asking(prompt) for _ in range(20)))
    other = await asking(plan(TEXT[:10]))

    assert {reply.status_code for reply in replies} == {202}
    assert len({reply.content for reply in replies}) == 1
    assert other.status_code == httpx.codes.UNPROCESSABLE_ENTITY


@pytest.mark.fault(51)
async def test_another_users_generation_looks_like_none(site: Site, http: httpx.AsyncClient) -> None:
    generation_id = (await accepted(http, site, "ada", plan(TEXT[:5])))["generation_id"]
    base = f"{site.http_url}/api/chat/generations"

    foreign = await http.get(f"{base}/{generation_id}", headers=site.headers("eve"))
    missing = await http.get(f"{base}/{'0' * 32}", headers=site.headers("eve"))

    assert foreign.status_code == missing.status_code == httpx.codes.NOT_FOUND
    assert foreign.content == missing.content


async def test_cancelling_from_another_device_stops_the_answer(site: Site, http: httpx.AsyncClient) -> None:
    async with listening(site, "ada") as listener:
        generation_id = (await accepted(http, site, "ada", plan(TEXT, rate=10)))["generation_id"]
        await listener.until(
            lambda: generation_id in listener.generations and listener.generations[generation_id].text
        )
        asked = time.monotonic()
        reply = await http.post(
            f"{site.http_url}/api/chat/generations/{generation_id}/cancel", headers=site.headers("ada")
        )
        heard = await listener.hear(generation_id)
    kept = await read(http, site, "ada", generation_id)

    assert reply.status_code == httpx.codes.ACCEPTED
    assert heard.statuses[-1] == "cancelled"
    assert heard.ended_at - asked < 3
    assert kept["text"] == heard.text == "".join(TEXT)[: len(heard.text)] != ""


@pytest.mark.fault(28)
async def test_only_allowed_pages_may_use_the_http_api(site: Site, http: httpx.AsyncClient) -> None:
    url = f"{site.http_url}/api/chat/generate-response"
    preflight = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}

    ours = await http.options(url, headers={"Origin": site.origin, **preflight})
    foreign = await http.options(url, headers={"Origin": "https://evil.example", **preflight})
    posted = await http.post(url, json={}, headers={**site.headers("ada"), "Origin": "https://evil.example"})

    assert ours.headers["access-control-allow-origin"] == site.origin
    assert "access-control-allow-origin" not in foreign.headers
    assert posted.status_code == httpx.codes.FORBIDDEN
    assert posted.json()["code"] == 4003


async def test_health_needs_no_token(site: Site, http: httpx.AsyncClient) -> None:
    reply = await http.get(f"{site.http_url}/health")

    assert (reply.status_code, reply.json()["status"]) == (200, "ok")


@pytest.mark.fault(41)
async def test_a_message_that_names_another_route_changes_nothing(site: Site) -> None:
    async with (
        listening(site, "katherine"),
        listening(site, "katherine"),
        listening(site, "katherine") as third,
    ):
        for route in ("$disconnect", "$connect", "$default"):
            await third.socket.send(json.dumps({"type": route, "action": route}))
        await asyncio.sleep(1)
        assert await refusal(site, site.socket_url("katherine")) == 403
        answer = await third.say({"type": "ping"})

    assert answer["type"] in {"pong", "system"}
