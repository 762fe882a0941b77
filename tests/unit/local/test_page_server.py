"""The page's server, over a real socket."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from threading import Thread

import httpx
import pytest

from local.demo_page.page import HEADERS, Page
from local.demo_page.server import Server
from local.state_dir import StateDir
from tests.unit.local.test_state_dir import ENDPOINTS


@pytest.fixture
def url(tmp_path: Path, unused_tcp_port: int) -> Iterator[str]:
    state_dir = StateDir(tmp_path / "state")
    (tmp_path / "index.html").write_text("hello")
    with state_dir.held(), Server(Page(port=unused_tcp_port, files=tmp_path, state_dir=state_dir)) as server:
        ENDPOINTS.write(state_dir)
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{unused_tcp_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def browser(url: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=url, trust_env=False) as client:
        yield client


def test_every_answer_has_the_headers_that_guard_a_page(browser: httpx.Client) -> None:
    for path in ("/", "/?a=b", "/none", "/framestream.json"):
        reply = browser.get(path)

        assert reply.headers.items() >= {name.lower(): value for name, value in HEADERS.items()}.items()
    assert browser.get("/?a=b").text == "hello"


def test_the_page_asks_where_the_system_is_and_for_a_token_on_one_connection(
    browser: httpx.Client, url: str
) -> None:
    where = browser.get("/framestream.json")
    token = browser.post("/token", json={"userId": "ada"}, headers={"Origin": url})

    assert where.json() == {"httpUrl": ENDPOINTS.http_url}
    assert token.json()["token"].count(".") == 2


def test_a_name_that_was_made_to_point_here_gets_nothing(browser: httpx.Client) -> None:
    evil = {"Host": "evil.example", "Origin": "http://evil.example"}

    reply = browser.post("/token", json={"userId": "ada"}, headers=evil)

    assert reply.status_code == HTTPStatus.MISDIRECTED_REQUEST


def test_a_host_that_is_given_twice_is_none(url: str) -> None:
    port = int(url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port)) as line:
        line.sendall(f"GET / HTTP/1.1\r\nHost: localhost:{port}\r\nHost: evil.example\r\n\r\n".encode())

        assert line.recv(12) == b"HTTP/1.1 421"


@pytest.mark.parametrize("length", ["1000", "-1", "+1", "x", "9" * 5000])
def test_a_body_that_is_too_long_is_not_read(url: str, length: str) -> None:
    port = int(url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port)) as line:
        line.sendall(
            f"POST /token HTTP/1.1\r\nHost: localhost:{port}\r\nContent-Length: {length}\r\n\r\n".encode()
        )

        assert line.recv(12) == b"HTTP/1.1 413"


def test_a_body_of_unknown_length_is_not_read(browser: httpx.Client) -> None:
    reply = browser.post("/token", content=iter([json.dumps({"userId": "ada"}).encode()]))

    assert reply.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE


def test_who_leaves_in_the_middle_disturbs_nobody(browser: httpx.Client, url: str) -> None:
    with socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2]))) as line:
        line.sendall(b"POST /token HTTP/1.1\r\nContent-Length: 100\r\n\r\n{")

    assert browser.get("/").status_code == HTTPStatus.OK


def test_no_other_machine_reaches_it(tmp_path: Path, unused_tcp_port: int) -> None:
    with Server(Page(port=unused_tcp_port, files=tmp_path, state_dir=StateDir(tmp_path))) as server:
        assert server.server_address[0] == "127.0.0.1"
