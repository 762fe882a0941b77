"""A refused ticket or handshake is reported, and retried unless it is fatal."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from framestream import Phase, Refused
from tests.support.client_recorder import ClientRecorder, until
from tests.support.fake_server import FakeServer, fake_server, problem


@pytest.fixture
async def server() -> AsyncIterator[FakeServer]:
    async with fake_server() as server:
        yield server


@pytest.mark.parametrize(("status", "code"), [(400, 4000)])
async def test_a_handshake_without_a_body_is_refused_for_good(
    server: FakeServer, status: int, code: int
) -> None:
    server.handshake_statuses = [status]
    with pytest.raises(Refused, match=f"refused the socket .{status}") as refused:
        async with ClientRecorder(server).client:
            pass

    assert refused.value.code == code


@pytest.mark.parametrize(
    ("status", "code"), [(401, 1006), (429, 4429), (503, 1013), (500, 1006), (403, 1006), (404, 1006)]
)
async def test_a_handshake_without_a_body_is_tried_again(server: FakeServer, status: int, code: int) -> None:
    server.handshake_statuses = [status] * 3
    recorder = ClientRecorder(server)
    async with recorder.client as client:
        await until(lambda: client.phase is Phase.OPEN)

    assert recorder.codes == [code, code, code, 1000]


async def test_a_client_without_an_origin_learns_of_the_option(server: FakeServer) -> None:
    server.ticket_replies = [problem(403, 4003)]
    with pytest.raises(Refused, match=r"No: 4003\. This client sends no Origin; the option `origin`"):
        async with ClientRecorder(server).client:
            pass
    server.ticket_replies = [problem(403, 4003)]
    with pytest.raises(Refused) as refused:
        async with ClientRecorder(server, origin="https://app.example").client:
            pass

    assert str(refused.value) == "No: 4003."


@pytest.mark.parametrize("code", [4429, "rate_limited"])
async def test_a_limit_is_no_failure_however_often(server: FakeServer, code: int | str) -> None:
    server.ticket_replies = [problem(429, code)] * 8
    recorder = ClientRecorder(server)
    async with recorder.client as client:
        await until(lambda: client.phase is Phase.OPEN)

        assert client._socket._state.failures == 0
    assert recorder.codes == [*[code] * 8, 1000]


@pytest.mark.parametrize("url", ["", "https://x", "ws://", "ws://a b", "wss://[", 7, None])
async def test_a_ticket_without_an_address_is_no_ticket(server: FakeServer, url: object) -> None:
    server.ticket_replies = [(201, {"ticket": "t", "expires_in": 60, "websocket_url": url})]
    recorder = ClientRecorder(server)
    async with recorder.client as client:
        await until(lambda: client.phase is Phase.OPEN)

    assert recorder.codes == [1006, 1000]


async def test_a_prompt_ends_the_backoff_of_an_idle_client(server: FakeServer) -> None:
    server.ticket_replies = [problem(503, 1013, retry_after=50)]
    async with ClientRecorder(server).client as client:
        assert client.phase is Phase.WAITING

        await client.generate("otters", "Otters?")
        await until(lambda: client.phase is Phase.OPEN)


async def test_a_bare_403_is_reported_with_the_option_that_may_help(server: FakeServer) -> None:
    server.handshake_statuses = [403]
    reasons: list[str] = []
    recorder = ClientRecorder(server)
    recorder.client._dispatcher._on_state = lambda _phase, _code, reason: reasons.append(reason)
    async with recorder.client as client:
        await until(lambda: client.phase is Phase.OPEN)

    assert any("refused the socket (403). This client sends no Origin" in reason for reason in reasons)
