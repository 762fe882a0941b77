"""The Python client and its command line against the whole system."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import boto3
import httpx
import pytest

from framestream import Backoff, FrameStreamClient, Phase, Reconnect, Refused
from tests.e2e.test_system import TEXT, TRICKY, plan
from tests.support.listener import Site, listening, read

QUICK = Reconnect(backoff=Backoff(base=0.1, cap=0.5), pause_when_full=1)
WHOLE = "".join(TEXT)


def client(site: Site, user: str, token: Any = None, **options: Any) -> FrameStreamClient:
    quick = {"user_id": user, "origin": site.origin, "reconnect": QUICK, "trust_env": False}
    return FrameStreamClient(site.http_url, token or (lambda: site.token(user)), **{**quick, **options})


class Gateway:
    """API Gateway's management API, as the server itself uses it."""

    def __init__(self, site: Site) -> None:
        self._api = boto3.client(
            "apigatewaymanagementapi",
            endpoint_url=site.websocket_url.replace("ws", "http", 1),
            region_name=site.region,
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )

    async def close(self, connection_id: str) -> None:
        await asyncio.to_thread(self._api.delete_connection, ConnectionId=connection_id)

    async def say(self, connection_id: str, **message: Any) -> None:
        data = json.dumps(message).encode()
        await asyncio.to_thread(self._api.post_to_connection, ConnectionId=connection_id, Data=data)


async def connections(client: FrameStreamClient, *, after: str | None = None) -> str:
    """Wait for a connection, another than the given one."""
    async with asyncio.timeout(60):
        while client.connection_id in {None, after}:
            await asyncio.sleep(0.02)
    assert client.connection_id is not None
    return client.connection_id


async def test_an_answer_streams_in_pieces_and_ends_with_its_counts(site: Site) -> None:
    async with client(site, "py_stream") as following:
        answer = await following.generate("otters", plan(TRICKY, rate=20))
        pieces = [piece async for piece in answer]
        result = await answer.result()

    expected = "".join(TRICKY).encode("utf-16", "surrogatepass").decode("utf-16")
    assert "".join(pieces) == result.text == expected
    assert len(pieces) > 2
    assert (result.status, result.finish_reason) == ("completed", "stop")
    assert result.usage is not None
    assert result.usage["completion_tokens"] == len(TRICKY)


@pytest.mark.fault(71)
async def test_twenty_forced_disconnects_do_not_cost_a_character(site: Site) -> None:
    text = [f"w{number} " for number in range(1500)]
    gateway, cut = Gateway(site), list[str]()
    async with client(site, "py_tunnels") as following:
        answer = await following.generate("otters", plan(text, rate=60))
        while len(cut) < 20:
            connection = await connections(following, after=cut[-1] if cut else None)
            before = len(answer.text)
            async with asyncio.timeout(60):
                while len(answer.text) == before:  # The new socket has brought something.
                    await asyncio.sleep(0.02)
            await gateway.close(connection)
            cut.append(connection)
        assert not answer.has_ended
        pieces = [piece async for piece in answer]
        result = await answer.result()

    assert len(set(cut)) == 20
    assert "".join(pieces) == result.text == "".join(text)
    assert {piece.attempt for piece in pieces} == {1}


@pytest.mark.fault(79)
async def test_a_connection_rolls_over_when_its_time_is_over(site: Site) -> None:
    gateway, phases = Gateway(site), list[Phase]()
    async with client(site, "py_roll", on_state=lambda phase, *_: phases.append(phase)) as following:
        answer = await following.generate("otters", plan(TEXT, rate=50))
        first = await connections(following)
        await anext(aiter(answer))
        now = "2026-01-01T00:00:00.000Z"
        await gateway.say(first, type="system", status="closing", code=4001, message="Over.", timestamp=now)
        second = await connections(following, after=first)
        await gateway.close(first)
        result = await answer.result()
        pieces = [piece async for piece in answer]

        assert following.connection_id == second

    assert Phase.WAITING not in phases
    assert "".join(pieces) == result.text == WHOLE


async def test_a_token_that_ran_out_is_replaced_and_a_wrong_one_is_not(site: Site) -> None:
    expired = site.token("py_token", exp=int(time.time()) - 60)
    tokens = iter([expired, site.token("py_token")])

    async with client(site, "py_token", lambda: next(tokens)) as following:
        answer = await following.generate("otters", plan(TEXT[:20]))
        assert (await answer.result()).text == "".join(TEXT[:20])

    with pytest.raises(Refused) as refused:
        async with client(site, "py_token", expired):
            pass
    assert refused.value.code == 4001


async def test_a_page_that_is_not_allowed_is_told_so(site: Site) -> None:
    with pytest.raises(Refused) as refused:
        async with client(site, "py_page", origin="https://evil.example"):
            pass

    assert refused.value.code == 4003


async def test_over_the_cap_it_says_so_reads_over_http_and_connects_when_there_is_a_slot(site: Site) -> None:
    codes = list[int | None]()
    async with AsyncExitStack() as others:
        for _ in range(2):
            await others.enter_async_context(listening(site, "py_full"))
        async with listening(site, "py_full"):
            following = await others.enter_async_context(
                client(site, "py_full", on_state=lambda _, code, __: codes.append(code))
            )
            assert (following.phase, codes[-2:].count(4429)) == (Phase.WAITING, 1)
            answer = await following.generate("otters", plan(TEXT, rate=100))
            assert (await answer.result()).text == WHOLE
        assert await connections(following)


async def test_cancelling_stops_the_model_and_keeps_the_text(site: Site, http: httpx.AsyncClient) -> None:
    async with client(site, "py_stop") as following:
        answer = await following.generate("otters", plan(TEXT, rate=10))
        await anext(aiter(answer))
        asked = time.monotonic()
        await answer.cancel()
        result = await answer.result()
        took = time.monotonic() - asked
    kept = await read(http, site, "py_stop", answer.id)

    assert (result.status, took < 3) == ("cancelled", True)
    assert WHOLE.startswith(result.text)
    assert kept["text"] == result.text != ""


async def test_an_answer_that_was_asked_for_elsewhere_can_be_followed(site: Site) -> None:
    async with client(site, "py_two") as first:
        asked = await first.generate("otters", plan(TEXT, rate=50))
        await anext(aiter(asked))
        async with client(site, "py_two") as second:
            result = await second.generation(asked.id).result()

    assert result.text == WHOLE


@pytest.fixture
async def command(site: Site) -> AsyncIterator[Any]:
    """`framestream chat`, as a script would run it."""
    running: list[subprocess.Popen[str]] = []

    def start(*words: str) -> subprocess.Popen[str]:
        environ = {
            **os.environ,
            "FRAMESTREAM_URL": site.http_url,
            "FRAMESTREAM_ORIGIN": site.origin,
            "FRAMESTREAM_TOKEN": site.token("py_shell"),
            "NO_PROXY": "127.0.0.1",
        }
        arguments = [sys.executable, "-m", "framestream.terminal", *words]
        running.append(
            subprocess.Popen(
                arguments, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
            )
        )
        return running[-1]

    yield start
    for process in running:
        process.kill()
        process.communicate()


async def test_the_command_line_gives_a_script_what_it_asked_for(command: Any) -> None:
    started = command("chat", "--json", plan(TEXT[:20]))

    out, complaint = await asyncio.to_thread(started.communicate, timeout=60)

    assert (started.returncode, complaint) == (0, "")
    assert json.loads(out)["text"] == "".join(TEXT[:20])


async def test_ctrl_c_stops_the_answer(command: Any) -> None:
    started = command("chat", plan(TEXT, rate=10))
    first = (await asyncio.to_thread(os.read, started.stdout.fileno(), 3)).decode()  # And no more than that.

    started.send_signal(signal.SIGINT)
    rest, said = await asyncio.to_thread(started.communicate, timeout=60)

    assert started.returncode == 130
    assert WHOLE.startswith(first + rest.rstrip("\n"))
    assert "cancelled: The answer was stopped." in said
