"""Misuse of the client is an error with a sentence that says what to do."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import pytest

from framestream import Disconnected, FrameStreamClient, FrameStreamError, Misused, SyncFrameStreamClient
from framestream.options import Options
from tests.support.client_recorder import ClientRecorder
from tests.support.fake_server import FakeServer, serving

URL = "https://abc123.execute-api.eu-central-1.amazonaws.com"


@pytest.fixture
def server() -> Iterator[FakeServer]:
    with serving() as server:
        yield server


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        ("", "it is empty"),
        (None, "it is NoneType"),
        ("abc123.execute-api.eu-central-1.amazonaws.com", "begin with https"),
        ("localhost:8000", "begin with https"),
        ("//host", "begin with https"),
        ("https://", "begin with https"),
        ("ftp://host", "begin with https"),
        ("wss://host/prod", "address of sockets"),
        (f"{URL}/api/chat", "leave them out"),
        (f"{URL}/api/chat/generate-response", "leave them out"),
        (f"{URL}/api/", "leave them out"),
        (f"{URL}?a=b", "no place"),
        (f"{URL}#x", "no place"),
        ("https://user:word@host", "no place"),
        ("https://host:port", "no URL"),
    ],
)
@pytest.mark.parametrize("client", [FrameStreamClient, SyncFrameStreamClient])
def test_a_wrong_address_is_an_error_at_once(client: Any, url: Any, complaint: str) -> None:
    with pytest.raises(Misused, match=complaint) as error:
        client(url, "token")

    assert "HttpUrl" in str(error.value)


@pytest.mark.parametrize("url", [URL, f"{URL}/", f" {URL}\n", f"{URL}/prod", "http://127.0.0.1:8000"])
def test_a_right_address_is_taken(url: str) -> None:
    client = FrameStreamClient(url, "token")

    assert str(client._http.base_url).rstrip("/") == url.strip().rstrip("/")


def calls(client: FrameStreamClient) -> list[Callable[[], Coroutine[Any, Any, object]]]:
    async def follow() -> object:
        return client.generation("g")

    return [
        lambda: client.generate("otters", "Otters?"),
        lambda: client.cancel("g"),
        lambda: anext(client.messages()),  # type: ignore[arg-type]
        follow,
    ]


async def test_a_client_that_is_not_open_says_how_to_open_it(server: FakeServer) -> None:
    for call in calls(ClientRecorder(server).client):
        with pytest.raises(Misused, match="async with FrameStreamClient"):
            await call()


async def test_a_client_that_is_closed_says_so(server: FakeServer) -> None:
    client = ClientRecorder(server).client
    async with client:
        pass

    for call in (calls(client)[0], calls(client)[1], calls(client)[3]):
        with pytest.raises(Disconnected, match="closed"):
            await call()
    with pytest.raises(Misused, match="opened once"):
        await client.__aenter__()
    await client.close()


def test_a_client_of_another_loop_says_so(server: FakeServer) -> None:
    client = ClientRecorder(server).client

    async def ask() -> Any:
        await client.__aenter__()
        return await client.generate("otters", "Otters?")

    answer = asyncio.run(ask())
    for call in [*calls(client), answer.result, answer.cancel, lambda: answer.event(0), client.close]:
        with pytest.raises(Misused, match="another event loop"):
            asyncio.run(call())


@pytest.mark.parametrize("opens", [False, True])
def test_a_client_without_asyncio_says_what_to_do(*, opens: bool) -> None:
    client = FrameStreamClient(URL, "token")
    work: Coroutine[Any, Any, Any] = client.__aenter__() if opens else client.generate("otters", "Otters?")

    with pytest.raises(Misused, match="asyncio alone"):
        work.send(None)  # As trio would.
    with pytest.raises(Misused, match="asyncio alone"):
        client.generation("g")


def test_a_sync_client_that_is_not_open_or_is_closed_says_so(server: FakeServer) -> None:
    client = SyncFrameStreamClient(server.http_url, "good", user_id="u1", trust_env=False)
    with pytest.raises(Misused, match="with SyncFrameStreamClient"):
        client.generate("otters", "Otters?")
    with pytest.raises(Misused, match="with SyncFrameStreamClient"):
        next(client.messages())

    with client:
        answer = client.generate("otters", "Otters?")

    with pytest.raises(Disconnected, match="closed"):
        client.generate("otters", "Otters?")
    with pytest.raises(Disconnected, match="closed"):
        answer.result()
    with pytest.raises(Misused, match="opened once"):
        client.__enter__()


def test_a_sync_client_does_not_wait_for_itself(server: FakeServer) -> None:
    errors: list[FrameStreamError] = []

    def on_state(*_: object) -> None:
        try:
            client.generate("otters", "Otters?")
        except FrameStreamError as error:
            errors.append(error)

    client = SyncFrameStreamClient(server.http_url, "good", user_id="u1", trust_env=False, on_state=on_state)
    with client:
        pass

    assert "wait for itself" in str(errors[0])


@pytest.mark.parametrize("is_async", [False, True])
async def test_a_listener_that_fails_ends_nothing(
    server: FakeServer, caplog: pytest.LogCaptureFixture, *, is_async: bool
) -> None:
    def tell(*_: object) -> None:
        raise ZeroDivisionError

    async def tell_later(*_: object) -> None:
        raise ZeroDivisionError

    async with ClientRecorder(server).client as client:
        client._dispatcher._on_state = tell_later if is_async else tell
        await client.generate("otters", "Otters?")
        server.loop.call_soon_threadsafe(server.abort_sockets)
        async with asyncio.timeout(5):
            while server.opened < 2:
                await asyncio.sleep(0.01)

    assert "on_state failed" in caplog.text


def test_both_clients_take_the_same_options() -> None:
    parameters = inspect.signature(FrameStreamClient.__init__).parameters.values()

    named = {parameter.name for parameter in parameters if parameter.kind is parameter.KEYWORD_ONLY}
    assert named == Options.__annotations__.keys()


def test_only_what_is_for_users_is_shown_to_them() -> None:
    shown = {name for name in dir(FrameStreamClient) if not name.startswith("_")}

    calls = {"generate", "regenerate", "generation", "cancel", "conversation", "usage", "messages"}
    assert shown == {*calls, "close", "connection_id", "phase"}


@pytest.mark.parametrize("key", ["", "two words", "ключ", "x" * 256])
async def test_a_key_that_cannot_be_sent_is_an_error(server: FakeServer, key: str) -> None:
    async with ClientRecorder(server).client as client:
        with pytest.raises(Misused, match="idempotency_key"):
            await client.generate("otters", "Otters?", idempotency_key=key)


async def test_a_lone_surrogate_is_an_error(server: FakeServer) -> None:
    async with ClientRecorder(server).client as client:
        with pytest.raises(Misused, match="half a character"):
            await client.generate("otters", "\ud83e")
