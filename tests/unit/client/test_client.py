"""The client against a fake server that breaks sockets, refuses and stalls."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from framestream import (
    Disconnected,
    GenerationFailed,
    Phase,
    Refused,
    StatusChange,
    Unreachable,
)
from tests.support.client_recorder import ClientRecorder
from tests.support.fake_server import GENERATION, FakeServer, fake_server, problem

TEXT = "Otters 🦦 hold hands."


@pytest.fixture
async def server() -> AsyncIterator[FakeServer]:
    async with fake_server() as server:
        yield server


async def test_an_answer_is_followed_from_prompt_to_result(server: FakeServer) -> None:
    async with ClientRecorder(server).client as client:
        answer = await client.generate("otters", "Otters?", model="m", idempotency_key="k1")
        await server.frame(TEXT[:7], 0)
        await server.frame(TEXT[7:], 7)
        await server.complete(TEXT)
        pieces = [piece async for piece in answer]
        result = await answer.result()

    [request] = server.requests_to("/api/chat/generate-response")
    assert request == {"user_id": "u1", "chat_id": "otters", "prompt": "Otters?", "model": "m", "key": "k1"}
    assert pieces == [TEXT[:7], TEXT[7:]]
    assert (result.text, result.status, result.model) == (TEXT, "completed", "m")
    assert answer.status == "completed"


async def test_text_that_is_faster_than_the_reply_to_its_prompt_is_not_lost(server: FakeServer) -> None:
    server.prompt_release = asyncio.Event()
    async with ClientRecorder(server).client as client:
        asking = asyncio.create_task(client.generate("otters", "Otters?"))
        messages = client.messages()
        hearing = asyncio.ensure_future(anext(messages))
        await asyncio.sleep(0.05)
        await server.frame(TEXT, 0)
        await hearing
        server.prompt_release.set()
        answer = await asking

        assert answer.text == TEXT


async def test_twenty_broken_sockets_do_not_cost_a_character(server: FakeServer) -> None:
    text = "".join(f"w{number} " for number in range(200))
    async with ClientRecorder(server).client as client:
        answer = await client.generate("otters", "Otters?")
        for number in range(1, 21):
            await server.frame(text[: number * 10], 0)
            async with asyncio.timeout(5):
                while len(answer.text) < number * 10:
                    await asyncio.sleep(0.005)
            server.abort_sockets()
            await server.wait_for(sockets=number + 1)
        await server.frame(text, 0)
        await server.complete(text)
        pieces = [piece async for piece in answer]

    assert "".join(pieces) == text
    assert server.opened == 21


async def test_a_gap_is_fetched_from_where_the_text_ends(server: FakeServer) -> None:
    async with ClientRecorder(server).client as client:
        answer = await client.generate("otters", "Otters?")
        server.state = {"text": TEXT}
        await server.frame(TEXT[:4], 0)
        await server.frame(TEXT[9:], 9)
        async with asyncio.timeout(5):
            assert [await anext(aiter(answer))] == [TEXT[:4]]
            while answer.text != TEXT:
                await asyncio.sleep(0.005)

    [asked] = server.requests_to(f"/api/chat/generations/{GENERATION}")
    assert (asked["offset"], asked["attempt"]) == ("4", "1")


async def test_an_end_that_is_fetched_in_parts_has_all_of_its_text(server: FakeServer) -> None:
    async with ClientRecorder(server, stall_timeout=0.1).client as client:
        answer = await client.generate("otters", "Otters?")
        server.page, server.state = 4, {"text": TEXT, "status": "completed"}
        async with asyncio.timeout(5):
            assert (await answer.result()).text == TEXT

    asked = [int(query["offset"]) for query in server.requests_to(f"/api/chat/generations/{GENERATION}")]
    assert asked == list(range(0, len(TEXT), 4))


async def test_after_a_stall_the_end_is_fetched(server: FakeServer) -> None:
    async with ClientRecorder(server, stall_timeout=0.1).client as client:
        answer = await client.generate("otters", "Otters?")
        server.state = {"text": TEXT, "status": "completed", "model": "m"}

        assert (await answer.result()).text == TEXT


async def test_a_failed_answer_raises_at_its_end_and_keeps_its_text(server: FakeServer) -> None:
    async with ClientRecorder(server).client as client:
        answer = await client.generate("otters", "Otters?")
        await server.frame("Ot", 0)
        await server.send("llm_error", error="Busy.", code="llm_rate_limited", retryable=True)
        await server.status("failed")

        events = [await answer.event(number) for number in range(2)]
        with pytest.raises(GenerationFailed, match="Busy") as failed:
            await answer.event(2)
        with pytest.raises(GenerationFailed):
            await answer.result()

    assert events == ["Ot", StatusChange("failed", "It is failed.", 1)]
    assert (failed.value.code, failed.value.retryable, answer.text) == ("llm_rate_limited", True, "Ot")


async def test_a_cancelled_answer_ends_with_what_there_was(server: FakeServer) -> None:
    async with ClientRecorder(server).client as client:
        answer = await client.generate("otters", "Otters?")
        await server.frame("Ot", 0)
        await answer.cancel()
        await server.status("cancelled")
        result = await answer.result()

    assert len(server.requests_to(f"/api/chat/generations/{GENERATION}/cancel")) == 1
    assert (result.status, result.text) == ("cancelled", "Ot")


async def test_before_a_socket_ends_its_successor_is_there_with_a_fresh_token(server: FakeServer) -> None:
    tokens = iter(["good", "better", "best", "even better"])
    server.good_tokens |= {"better", "best", "even better"}
    server.lifetime = timedelta(seconds=1)
    recorder = ClientRecorder(server, lambda: next(tokens))
    async with recorder.client as client:
        answer = await client.generate("otters", "Otters?")
        first = client.connection_id
        server.lifetime = timedelta(hours=2)  # That of the next one.
        await server.frame(TEXT[:7], 0)
        await server.wait_for(sockets=2)
        await server.frame(TEXT, 0)
        await server.complete(TEXT)
        assert (await answer.result()).text == TEXT
        await asyncio.sleep(0.05)

        assert (first, client.connection_id) == ("c1", "c2")

    assert recorder.phases == [Phase.CONNECTING, Phase.OPEN, Phase.CLOSED]
    assert next(tokens) == "best"


async def test_a_token_that_ran_out_is_replaced_once(server: FakeServer) -> None:
    tokens = iter(["stale", "good", "never"])
    async with ClientRecorder(server, lambda: next(tokens)).client as client:
        await client.generate("otters", "Otters?")

    assert next(tokens) == "never"


@pytest.mark.parametrize("source", ["stale", lambda: "stale"])
async def test_without_a_valid_token_the_client_is_refused(server: FakeServer, source: Any) -> None:
    with pytest.raises(Refused) as refused:
        async with ClientRecorder(server, source).client:
            pass

    assert refused.value.code == 4001


async def test_a_forbidden_origin_is_an_error_and_not_retried(server: FakeServer) -> None:
    server.ticket_replies = [problem(403, 4003)]

    with pytest.raises(Refused) as refused:
        async with ClientRecorder(server).client:
            pass

    assert (refused.value.code, len(server.requests)) == (4003, 1)


async def test_with_too_many_sockets_the_client_waits_for_a_slot_and_polls_meanwhile(
    server: FakeServer,
) -> None:
    server.ticket_replies = [problem(429, 4429)] * 3
    recorder = ClientRecorder(server, stall_timeout=0.03)
    async with recorder.client as client:
        assert client.phase is Phase.WAITING
        answer = await client.generate("otters", "Otters?")
        server.state = {"text": TEXT, "status": "completed"}

        assert (await answer.result()).text == TEXT
        await server.wait_for(sockets=1)

    assert recorder.codes == [4429, 4429, 4429, 1000]


async def test_an_unsettled_connection_does_not_keep_the_client_from_polling(server: FakeServer) -> None:
    server.ticket_replies = [problem(429, 4429)] * 1000
    async with ClientRecorder(server, stall_timeout=0.2).client as client:
        answer = await client.generate("otters", "Otters?")
        server.state = {"text": TEXT, "status": "completed"}

        async with asyncio.timeout(2):
            assert (await answer.result()).text == TEXT


async def test_a_server_that_stays_away_is_never_given_up(server: FakeServer) -> None:
    recorder = ClientRecorder(server)
    async with recorder.client as client:
        server.ticket_replies = [problem(503, 1013)] * 9
        server.abort_sockets()
        await recorder.until(codes=10)
        async with asyncio.timeout(5):
            while client.phase is not Phase.OPEN:
                await asyncio.sleep(0.005)

        assert recorder.codes == [1006, *[1013] * 9]


async def test_a_dead_socket_is_noticed_by_its_silence(server: FakeServer) -> None:
    recorder = ClientRecorder(server, heartbeat=0.05, timeout=1)
    async with recorder.client:
        await asyncio.sleep(0.2)  # It is alive: pings are answered.
        assert recorder.codes == []

        server.is_silent = True
        await recorder.until(codes=1)
        server.is_silent = False
        await server.wait_for(sockets=2)

    assert recorder.codes[0] == 1006


async def test_a_socket_that_its_user_closed_elsewhere_stays_closed(server: FakeServer) -> None:
    recorder = ClientRecorder(server)
    async with recorder.client as client:
        await server.send("system", status="closing", code=1000, message="Closed from another place.")
        for socket in server.sockets:
            await socket.close()
        await recorder.until(codes=1)
        await asyncio.sleep(0.1)

        assert (client.phase, recorder.codes, server.opened) == (Phase.CLOSED, [1000], 1)


async def test_a_socket_whose_time_is_over_is_replaced_when_the_server_says_so(server: FakeServer) -> None:
    recorder = ClientRecorder(server)
    async with recorder.client:
        await server.send("system", status="closing", code=4001, message="The time is over.")
        await server.wait_for(sockets=2)

    assert Phase.WAITING not in recorder.phases


async def test_closing_ends_the_calls_and_the_server_continues_the_answer(server: FakeServer) -> None:
    async with ClientRecorder(server).client as client:
        answer = await client.generate("otters", "Otters?")

    with pytest.raises(Disconnected):
        await answer.result()
    with pytest.raises(Disconnected):
        await client.generate("otters", "Otters?")
    assert server.requests_to(f"/api/chat/generations/{GENERATION}/cancel") == []


async def test_an_answer_can_be_followed_by_its_id(server: FakeServer) -> None:
    async with ClientRecorder(server, stall_timeout=0.05).client as client:
        server.state = {"text": TEXT, "status": "completed"}

        assert [piece async for piece in client.generation(GENERATION)] == [TEXT]


async def test_every_message_can_be_watched(server: FakeServer) -> None:
    async with ClientRecorder(server).client as client:
        messages = client.messages()
        first = asyncio.ensure_future(anext(messages))
        await asyncio.sleep(0.01)
        await server.send("llm_news", colour="brown")

        assert (await first)["colour"] == "brown"


async def test_a_prompt_that_was_not_taken_is_sent_again_with_its_key(server: FakeServer) -> None:
    server.prompt_replies = [problem(503, 1013)] * 2
    async with ClientRecorder(server).client as client:
        await client.generate("otters", "Otters?")

    keys = [request["key"] for request in server.requests_to("/api/chat/generate-response")]
    assert keys == [keys[0]] * 3


async def test_an_invalid_prompt_is_an_error_with_its_fields(server: FakeServer) -> None:
    complaint = {"field": "prompt", "message": "must not be blank"}
    server.prompt_replies = [problem(422, "invalid", errors=[complaint])]
    async with ClientRecorder(server).client as client:
        with pytest.raises(Refused, match="prompt must not be blank"):
            await client.generate("otters", " ")


async def test_something_else_at_the_address_is_noticed(server: FakeServer) -> None:
    server.ticket_replies = [(200, {"hello": "world"})] * 9
    server.prompt_replies = [(200, {"hello": "world"})] * 9
    recorder = ClientRecorder(server)
    async with recorder.client as client:
        await recorder.until(codes=1)

        assert client.phase is not Phase.OPEN
        with pytest.raises(Unreachable, match="not framestream"):
            await client.generate("otters", "Otters?")


async def test_times_that_cannot_be_read_are_ignored(server: FakeServer) -> None:
    async with ClientRecorder(server).client as client:
        await server.send("system", status="connected", expires_at="soon", timestamp=1, connection_id="c9")
        await server.send("system", status="connected", connection_id="c10")
        async with asyncio.timeout(5):
            while client.connection_id != "c10":
                await asyncio.sleep(0.005)
