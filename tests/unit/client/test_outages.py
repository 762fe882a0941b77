"""No outage costs an answer or a prompt; only a fatal refusal of the server does."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import pytest

from framestream import Disconnected, FrameStreamError, Phase, Refused, Unreachable
from tests.support.client_recorder import ClientRecorder, until
from tests.support.fake_server import GENERATION, PROMPTS, FakeServer, fake_server, problem

TEXT = "Otters 🦦 hold hands."
READS = f"/api/chat/generations/{GENERATION}"
CANCELS = f"{READS}/cancel"
BROKEN = [problem(500, "internal"), problem(502, "?"), problem(503, 1013), problem(504, "?")]
HOTEL = (302, {"log": "in"})


@pytest.fixture
async def server() -> AsyncIterator[FakeServer]:
    async with fake_server() as server:
        yield server


async def test_an_answer_survives_a_server_that_is_away_for_long(server: FakeServer) -> None:
    recorder = ClientRecorder(server, stall_timeout=0.05)
    async with recorder.client as client:
        answer = await client.generate("otters", "Otters?")
        await server.frame(TEXT[:7], 0)
        server.is_unreachable = True
        server.abort_sockets()
        await recorder.until(codes=25)
        assert not answer.has_ended

        server.state = {"text": TEXT, "status": "completed"}
        server.is_unreachable = False

        assert (await answer.result()).text == TEXT
        await until(lambda: client.phase is Phase.OPEN)


@pytest.mark.parametrize("reply", [*BROKEN, HOTEL, problem(429, "rate_limited"), (200, {"html": ""})])
async def test_an_answer_survives_every_failed_fetch(server: FakeServer, reply: Any) -> None:
    server.ticket_replies = [problem(503, 1013)] * 999
    async with ClientRecorder(server, stall_timeout=0.01).client as client:
        answer = await client.generate("otters", "Otters?")
        server.read_replies = [reply] * 12
        server.state = {"text": TEXT, "status": "completed"}

        assert (await answer.result()).text == TEXT

    assert len(server.requests_to(READS)) > 12


@pytest.mark.parametrize("wrong", [{"attempt": None}, {"text": 7}, {"status": None}])
async def test_an_answer_survives_a_stored_generation_that_cannot_be_read(
    server: FakeServer, wrong: dict[str, Any]
) -> None:
    good = {"status": "processing", "attempt": 1, "offset": 0, "text": "", "length": 0}
    server.read_replies = [(200, good | wrong)] * 3
    async with ClientRecorder(server, stall_timeout=0.01).client as client:
        answer = await client.generate("otters", "Otters?")
        server.state = {"text": TEXT, "status": "completed"}

        assert (await answer.result()).text == TEXT


@pytest.mark.parametrize(("status", "code"), [(401, 4001), (403, 4003), (404, "not_found")])
async def test_an_answer_ends_with_a_fatal_refusal_of_the_server(
    server: FakeServer, status: int, code: int | str
) -> None:
    async with ClientRecorder(server, stall_timeout=0.01).client as client:
        answer = await client.generate("otters", "Otters?")
        server.read_replies = [problem(status, code)] * 99

        with pytest.raises(Refused) as refused:
            await answer.result()

    assert (refused.value.code, refused.value.status) == (code, status)


async def test_without_a_socket_text_comes_by_polling(server: FakeServer) -> None:
    server.ticket_replies = [problem(429, 4429)] * 999
    async with ClientRecorder(server, stall_timeout=0.02).client as client:
        answer = await client.generate("otters", "Otters?")
        for text in (TEXT[:7], TEXT[:12], TEXT):
            server.state = {"text": text}
            await until(partial(lambda text: answer.text == text, text))


async def test_a_socket_that_its_user_closed_does_not_end_the_answer(server: FakeServer) -> None:
    async with ClientRecorder(server, stall_timeout=0.05).client as client:
        answer = await client.generate("otters", "Otters?")
        await server.send("system", status="closing", code=1000, message="Closed from another place.")
        await until(lambda: client.phase is Phase.CLOSED)
        server.read_replies = [problem(503, 1013)]
        server.state = {"text": TEXT, "status": "completed"}

        assert (await answer.result()).text == TEXT


async def test_a_stall_probes_the_socket(server: FakeServer) -> None:
    recorder = ClientRecorder(server, stall_timeout=0.05, timeout=0.1)
    async with recorder.client as client:
        await client.generate("otters", "Otters?")
        server.is_silent = True
        await recorder.until(codes=1)
        server.is_silent = False
        await server.wait_for(sockets=2)


async def test_a_fetch_that_succeeds_again_reconnects_the_socket(server: FakeServer) -> None:
    recorder = ClientRecorder(server, stall_timeout=0.05)
    async with recorder.client as client:
        await client.generate("otters", "Otters?")
        server.ticket_replies = [problem(503, 1013, retry_after=50)]
        server.read_replies = [problem(503, 1013)] * 3
        server.abort_sockets()

        await server.wait_for(sockets=2)


async def test_a_prompt_waits_for_the_network_with_one_key(server: FakeServer) -> None:
    server.prompt_replies = [problem(503, 1013)] * 8
    async with ClientRecorder(server).client as client:
        server.is_unreachable = True
        server.abort_sockets()
        asking = asyncio.create_task(client.generate("otters", "Otters?"))
        await asyncio.sleep(0.3)
        assert not asking.done()
        server.is_unreachable = False
        await asking

    keys = {request["key"] for request in server.requests_to(PROMPTS)}
    assert (len(server.requests_to(PROMPTS)), len(keys)) == (9, 1)


@pytest.mark.parametrize("code", ["rate_limited", "too_many_at_once"])
async def test_a_prompt_is_retried_after_retry_after(server: FakeServer, code: str) -> None:
    server.prompt_replies = [problem(429, code, retry_after=1)]
    async with ClientRecorder(server).client as client:
        began = asyncio.get_running_loop().time()
        await client.generate("otters", "Otters?")

        assert asyncio.get_running_loop().time() - began >= 1


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409, 413, 415, 422])
async def test_a_refused_prompt_is_an_error_at_once(server: FakeServer, status: int) -> None:
    fields = [{"field": "prompt", "message": "must not be blank"}]
    server.prompt_replies = [problem(status, "no", errors=fields)] * 9
    async with ClientRecorder(server).client as client:
        with pytest.raises(Refused, match="must not be blank") as refused:
            await client.generate("otters", " ")

    assert (len(server.requests_to(PROMPTS)), refused.value.status) == (1, status)
    assert refused.value.errors == fields


async def test_a_prompt_on_which_the_server_fails_is_tried_five_times(server: FakeServer) -> None:
    server.prompt_replies = [problem(500, "internal")] * 9
    async with ClientRecorder(server).client as client:
        with pytest.raises(Refused):
            await client.generate("otters", "Otters?")

    assert len(server.requests_to(PROMPTS)) == 5


@pytest.mark.parametrize("errors", ["no list", [7], [{}], {"field": "prompt"}])
async def test_a_problem_of_an_odd_form_is_still_a_refusal(server: FakeServer, errors: Any) -> None:
    server.prompt_replies = [problem(422, ["odd"], errors=errors)]  # type: ignore[arg-type]
    async with ClientRecorder(server).client as client:
        with pytest.raises(Refused):
            await client.generate("otters", "Otters?")


async def test_a_prompt_has_a_time_limit_if_the_caller_wants_one(server: FakeServer) -> None:
    async with ClientRecorder(server).client as client:
        server.is_unreachable = True
        with pytest.raises(TimeoutError, match=r"not accepted within 0\.1 seconds"):
            await client.generate("otters", "Otters?", timeout=0.1)
        server.is_unreachable = False
        await asyncio.sleep(0.1)

    # One that was on its way when the time was over may be accepted, and is cancelled then.
    assert len(server.requests_to(PROMPTS)) == len(server.requests_to(CANCELS)) <= 1


async def test_a_prompt_given_up_is_not_sent_later(server: FakeServer) -> None:
    async with ClientRecorder(server).client as client:
        server.prompt_replies = [problem(503, 1013)] * 999
        asking = asyncio.create_task(client.generate("otters", "Otters?"))
        await until(lambda: len(server.requests_to(PROMPTS)) > 2)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        await asyncio.sleep(0.05)
        sent = len(server.requests_to(PROMPTS))
        await asyncio.sleep(0.1)

        assert len(server.requests_to(PROMPTS)) == sent
    assert server.requests_to(CANCELS) == []


@pytest.mark.parametrize("closes", [False, True])
async def test_a_prompt_given_up_and_accepted_after_all_is_cancelled(
    server: FakeServer, *, closes: bool
) -> None:
    server.prompt_release = asyncio.Event()
    async with ClientRecorder(server).client as client:
        asking = asyncio.create_task(client.generate("otters", "Otters?"))
        await asyncio.sleep(0.1)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        server.prompt_release.set()
        if not closes:
            await until(lambda: server.requests_to(CANCELS))

    assert len(server.requests_to(CANCELS)) == 1


async def test_a_prompt_ends_with_its_client(server: FakeServer) -> None:
    client = ClientRecorder(server).client
    async with client:
        server.is_unreachable = True
        asking = asyncio.create_task(client.generate("otters", "Otters?"))
        await asyncio.sleep(0.05)

    with pytest.raises(Disconnected):
        await asking


async def test_faults_have_their_cause(server: FakeServer) -> None:
    server.prompt_replies = [(200, {"hello": "world"})] * 9
    async with ClientRecorder(server).client as client:
        with pytest.raises(Unreachable, match="check http_url"):
            await client.generate("otters", "Otters?")
        server.is_unreachable = True
        with pytest.raises(TimeoutError):
            await client.generate("otters", "Otters?", timeout=0.05)
        with pytest.raises(FrameStreamError) as error:
            await client._dispatcher.api.cancel("g")

    assert error.value.__cause__ is not None


async def test_retries_are_logged_and_hold_no_secret(
    server: FakeServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server.good_tokens.add("s3cr3t-token")
    server.ticket_replies = [problem(503, 1013)]
    server.prompt_replies = [problem(503, 1013)]
    async with ClientRecorder(server, "s3cr3t-token").client as client:
        await client.generate("otters", "What I ask")
        await server.wait_for(sockets=1)

    lines = "\n".join(record.getMessage() for record in caplog.records if record.name != "websockets.server")
    ours = [record.getMessage() for record in caplog.records if record.name == "framestream"]
    assert any("prompt: No: 1013. Again in" in line for line in ours)
    assert any("connection: No: 1013. Again in" in line for line in ours)
    for secret in ("s3cr3t-token", "What I ask", "ticket="):
        assert secret not in lines
