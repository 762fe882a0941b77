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
    answer: bytes | None, *, stage: str = "/prod"
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
                if answer is not None:
                    writer.write(answer)
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
        async with posts.client:
            yield posts, requests, connections
        await asyncio.sleep(0.01)  # The server's side closes too.


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
    "answer", [b"no HTTP at all\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"]
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
    async with posts.client:
        with pytest.raises(PostFailed):
            await posts.post("a", b"{}")
