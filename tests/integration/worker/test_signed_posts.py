"""Frames posted to a gateway over real HTTP: what is sent, and what becomes of its answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from botocore.credentials import ReadOnlyCredentials

from functions.worker.ports import ConnectionGone, PostFailed, Throttled
from functions.worker.signed_posts import Posts

Requests = list[tuple[str, dict[str, str], bytes]]


@asynccontextmanager
async def gateway(
    answer: bytes | None, *, stage: str = "/prod", in_parts: bool = False, closes: bool = False
) -> AsyncIterator[tuple[Posts, Requests, list[int]]]:
    """Serve one answer, or silence; yields the posts' sender, the requests, and the connections by number."""
    requests: Requests = []
    connections: list[int] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append(len(connections))
        try:
            while True:
                lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
                headers = dict(line.lower().split(": ", 1) for line in lines[1:] if line)
                body = await reader.readexactly(int(headers["content-length"]))
                requests.append((lines[0].split(" ")[1], headers, body))
                for part in _parts(answer or b"", 7 if in_parts else 1_000_000):
                    writer.write(part)
                    await asyncio.sleep(0.001)
                if closes:
                    return
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        posts = Posts(
            endpoint=f"http://127.0.0.1:{port}{stage}",
            region="us-east-1",
            credentials=lambda: ReadOnlyCredentials("AKIA", "secret", "token"),
        )
        try:
            yield posts, requests, connections
        finally:
            posts.connections.close()
        await asyncio.sleep(0.01)  # The server's side closes too.


def _parts(answer: bytes, size: int) -> list[bytes]:
    return [answer[start : start + size] for start in range(0, len(answer), size)]


def status(code: int, *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {code} X", "Content-Length: 0", *headers]
    return "\r\n".join([*lines, "", ""]).encode()


async def test_frames_are_signed_and_share_a_connection() -> None:
    async with gateway(status(200)) as (posts, requests, connections):
        await posts.post("a/b+c=", b'{"n":1}')
        await posts.post("a/b+c=", b'{"n":2}')

    assert [(path, body) for path, _, body in requests] == [
        ("/prod/@connections/a%2Fb%2Bc%3D", b'{"n":1}'),
        ("/prod/@connections/a%2Fb%2Bc%3D", b'{"n":2}'),
    ]
    headers = requests[0][1]
    assert headers["content-type"] == "application/json"
    assert headers["authorization"].startswith("aws4-hmac-sha256 credential=akia/")
    assert headers["x-amz-security-token"] == "token"
    assert len(connections) == 1


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (410, ConnectionGone),
        (429, Throttled),
        (403, PostFailed),
        (404, PostFailed),
        (500, PostFailed),
        (302, PostFailed),
    ],
)
async def test_an_answer_that_is_no_success_is_told_by_its_word(code: int, error: type[Exception]) -> None:
    async with gateway(status(code, "Location: http://127.0.0.1:9/")) as (posts, requests, _):
        with pytest.raises(error):
            await posts.post("a", b"{}")

    assert len(requests) == 1


@pytest.mark.parametrize(
    "answer",
    [
        status(200, "Connection: close"),
        status(200).replace(b"1.1", b"1.0"),
        status(200) + b"and more",
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        b"HTTP/1.1 200\r\ncontent-length: 100000\r\n\r\n",
    ],
)
async def test_a_connection_whose_reply_has_no_sure_end_is_used_once(answer: bytes) -> None:
    async with gateway(answer) as (posts, requests, connections):
        for _ in range(2):
            await posts.post("a", b"{}")

    assert (len(requests), len(connections)) == (2, 2)


async def test_a_reply_in_parts_is_read_to_its_end() -> None:
    answer = b'HTTP/1.1 410 Gone\r\nContent-Length: 18\r\nX-A: b\r\n\r\n{"message": "Gone"}'[:-1]

    async with gateway(answer, in_parts=True) as (posts, requests, connections):
        for _ in range(2):
            with pytest.raises(ConnectionGone):
                await posts.post("a", b"{}")

    assert (len(requests), len(connections)) == (2, 1)


async def test_posts_at_the_same_time_have_a_connection_each_and_keep_it() -> None:
    async with gateway(status(200)) as (posts, requests, connections):
        for _ in range(3):
            await asyncio.gather(*(posts.post(name, b"{}") for name in "abcd"))

    assert (len(requests), len(connections)) == (12, 4)


async def test_a_connection_that_was_idle_for_long_is_not_used_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("functions.worker.post_connections.KEPT", 0)

    async with gateway(status(200)) as (posts, _, connections):
        for _ in range(2):
            await posts.post("a", b"{}")

    assert len(connections) == 2


async def test_a_connection_that_its_server_has_ended_is_not_used_again() -> None:
    async with gateway(status(200), closes=True) as (posts, requests, connections):
        for _ in range(2):
            await posts.post("a", b"{}")
            await asyncio.sleep(0.05)

    assert (len(requests), len(connections)) == (2, 2)


async def test_a_post_that_is_given_up_leaves_no_connection_to_the_next() -> None:
    async with gateway(None) as (posts, requests, connections):
        for _ in range(2):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.1):
                    await posts.post("a", b"{}")

    assert (len(requests), len(connections)) == (2, 2)


@pytest.mark.parametrize(
    "answer",
    [
        b"no HTTP at all\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
        b"HTTP/1.1 99 OK\r\n\r\n",
        b"x" * 100_000,
    ],
)
async def test_an_answer_that_is_none_leaves_it_open_what_became_of_the_frame(answer: bytes) -> None:
    async with gateway(answer) as (posts, _, _):
        with pytest.raises(PostFailed):
            await posts.post("a", b"{}")


async def test_a_gateway_that_is_silent_is_left_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("functions.worker.signed_posts.READ", 0.1)

    async with gateway(None) as (posts, requests, _):
        with pytest.raises(PostFailed, match="Timeout"):
            await posts.post("a", b"{}")

    assert len(requests) == 1


async def test_a_gateway_that_is_not_there_is_a_post_that_failed() -> None:
    posts = Posts(
        endpoint="http://127.0.0.1:9/prod",
        region="us-east-1",
        credentials=lambda: ReadOnlyCredentials("AKIA", "secret", None),
    )
    with pytest.raises(PostFailed):
        await posts.post("a", b"{}")
