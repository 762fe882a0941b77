"""A document comes within a second and 100 KB, or not at all."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from functions.shared.tokens.bounded_http import MOST_BYTES, Unreachable, fetch
from tests.support.document_server import (
    dripping,
    endless,
    good,
    raw,
    self_signed,
    serving,
    silent,
    stuck_after,
)

Answer = Callable[[socket.socket], None]
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("answer", "body"),
    [
        (good(b"{}"), b"{}"),
        (good(b"x" * MOST_BYTES), b"x" * MOST_BYTES),
        (raw(CHUNKED + b"1\r\na\r\n2\r\nbc\r\n0\r\n\r\n"), b"abc"),
        (raw(b"HTTP/1.0 200 OK\r\n\r\nuntil the end"), b"until the end"),
        (good(b"zipped", headers="Content-Encoding: gzip\r\n"), b"zipped"),
    ],
)
def test_a_document_is_fetched_as_it_is(answer: Answer, body: bytes) -> None:
    with serving(answer) as server:
        assert fetch(server.url) == body

    assert len(server.requests) == 1


def test_the_question_is_the_urls_own_and_says_little() -> None:
    with serving(good(b"{}")) as server:
        for end in ("/keys?policy=sign%20in", "/keys", "?policy=1", ""):
            fetch(server.url.removesuffix("/keys") + end)

    asked = [request.splitlines() for request in server.requests]
    assert [lines[0] for lines in asked] == [
        "GET /keys?policy=sign%20in HTTP/1.1",
        "GET /keys HTTP/1.1",
        "GET /?policy=1 HTTP/1.1",
        "GET / HTTP/1.1",
    ]
    assert asked[0][1:] == [
        asked[0][1],
        "Accept-Encoding: identity",
        "Accept: application/json",
        "Connection: close",
        "",
    ]
    assert asked[0][1].startswith("Host: 127.0.0.1:")


@pytest.mark.parametrize(
    "answer",
    [
        good(b"{}", status="500 Internal Server Error"),
        good(b"{}", status="503 Service Unavailable"),
        good(b"{}", status="404 Not Found"),
        good(b"{}", status="204 No Content"),
        good(b"{}", status="206 Partial Content"),
        good(b"x" * (MOST_BYTES + 1)),
        endless,
        raw(b""),
        raw(b"\r\n"),
        raw(b"nonsense"),
        raw(b"HTTP/1.1 abc\r\n\r\n"),
        raw(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 1000 + b"\r\n"),
        raw(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000 + b"\r\n\r\n"),
        raw(CHUNKED + b"no number\r\n"),
        raw(CHUNKED + b"ff\r\ncut"),
    ],
)
@pytest.mark.fault(19)
def test_anything_else_is_no_document(answer: Answer) -> None:
    with serving(answer) as server, pytest.raises(Unreachable):
        fetch(server.url)


@pytest.mark.parametrize(
    "status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"]
)
@pytest.mark.fault(5, 19)
def test_no_redirect_is_followed(status: str) -> None:
    with (
        serving(good(b"{}")) as elsewhere,
        serving(good(b"", status=status, headers=f"Location: {elsewhere.url}\r\n")) as server,
        pytest.raises(Unreachable),
    ):
        fetch(server.url)

    assert elsewhere.requests == []


SLOW = {
    "silence": silent,
    "drips from the start": dripping(b""),
    "drips in a header": dripping(b"HTTP/1.1 200 OK\r\nX: "),
    "drips in a body of a length": dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"),
    "drips in a body": dripping(b"HTTP/1.1 200 OK\r\n\r\n"),
    "silence in a body": stuck_after(b"HTTP/1.1 200 OK\r\n\r\n"),
    "silence in a body of a length": stuck_after(
        b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\nConnection: close\r\n\r\nx"
    ),
}


@pytest.mark.fault(19)
def test_nobody_waits_longer_than_a_second_and_nobody_listens_for_ever() -> None:
    """All at once, as each takes a second."""
    with ThreadPoolExecutor(len(SLOW)) as pool:
        waited = dict(zip(SLOW, pool.map(seconds_until_unreachable, SLOW.values()), strict=True))

    # A machine that is busy adds to it; each server would go on for much longer.
    assert all(0.9 < seconds < 5 for seconds in waited.values()), waited
    for thread in threading.enumerate():
        if thread.name == "bounded-http":
            thread.join(3)
            assert not thread.is_alive()


def seconds_until_unreachable(answer: Answer) -> float:
    with serving(answer) as server:
        began = time.monotonic()
        with pytest.raises(Unreachable):
            fetch(server.url)
        return time.monotonic() - began


@pytest.mark.fault(19)
def test_a_name_that_is_looked_up_for_ever_holds_up_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    released = threading.Event()

    def slow(*_arguments: object) -> list[object]:
        released.wait(10)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", slow)

    began = time.monotonic()
    with pytest.raises(Unreachable):
        fetch("http://keys.example/")

    assert time.monotonic() - began < 1.5
    released.set()


@pytest.mark.fault(19)
def test_nobody_at_home_is_told_at_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    with pytest.raises(Unreachable):
        fetch(f"http://127.0.0.1:{port}/")


@pytest.mark.parametrize("is_trusted", [True, False])
def test_https_means_a_certificate_that_is_trusted(
    *, is_trusted: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = self_signed("localhost", tmp_path / "server.pem")
    if is_trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))

    with serving(good(b"{}"), certificate=certificate) as server:
        if is_trusted:
            assert fetch(server.url.replace("127.0.0.1", "localhost")) == b"{}"
        for url in [server.url] if is_trusted else [server.url, server.url.replace("127.0.0.1", "localhost")]:
            with pytest.raises(
                Unreachable
            ):  # The certificate is for another name, or from an unknown issuer.
                fetch(url)

    assert len(server.requests) == is_trusted
