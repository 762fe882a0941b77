"""The demo page's server: files, configuration and tokens."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any

import jwt
import pytest

from local.demo_page.page import HEADERS, LONGEST_USER_ID, Page, Reply, Request
from local.state_dir import StateDir
from tests.unit.local.test_state_dir import ENDPOINTS

NOW = datetime.now(UTC).replace(microsecond=0)
HOST = "localhost:5173"
OWN = {"host": HOST, "origin": f"http://{HOST}", "content-type": "application/json"}


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Page]:
    """A page that is built, for a system that is up."""
    files = tmp_path / "dist"
    (files / "assets").mkdir(parents=True)
    (files / "index.html").write_text("<p>hello</p>")
    (files / "assets" / "index.js").write_text("hello()")
    (files / ".hidden").write_text("hidden")
    (tmp_path / "secret.html").write_text("secret")
    state_dir = StateDir(tmp_path / "state")
    with state_dir.held():
        ENDPOINTS.write(state_dir)
        yield Page(port=5173, files=files, state_dir=state_dir)


def ask(page: Page, path: str, *, method: str = "GET", body: bytes = b"", **headers: str | None) -> Reply:
    given = OWN | {name.replace("_", "-"): value for name, value in headers.items()}
    kept = {name: value for name, value in given.items() if value is not None}
    return page.answer(Request(method=method, path=path, headers=kept, body=body), now=NOW)


def request_token(page: Page, body: Any = None, **headers: str | None) -> Reply:
    asked = json.dumps({"userId": "ada"} if body is None else body).encode()
    return ask(page, "/token", method="POST", body=asked, **headers)


def error_of(reply: Reply) -> str:
    return str(json.loads(reply.body)["error"])


@pytest.mark.parametrize(
    ("path", "kind", "content"),
    [("/", "text/html", b"<p>hello</p>"), ("/assets/index.js", "text/javascript", b"hello()")],
)
def test_the_page_is_its_files(page: Page, path: str, kind: str, content: bytes) -> None:
    reply = ask(page, path)

    assert (reply.status, reply.kind, reply.body) == (HTTPStatus.OK, f"{kind}; charset=utf-8", content)


@pytest.mark.parametrize(
    "path",
    [
        "/none.js",
        "/assets",
        "/assets/",
        "/.hidden",
        "/../secret.html",
        "//secret.html",
        "/a\0.js",
        "/" + "a" * 9000,
        "",
    ],
)
def test_nothing_else_is_served(page: Page, path: str) -> None:
    reply = ask(page, path)

    assert (reply.status, error_of(reply)) == (HTTPStatus.NOT_FOUND, "There is nothing here.")


def test_a_page_that_is_not_built_yet_says_so_and_looks_again(page: Page, tmp_path: Path) -> None:
    (page.files / "index.html").unlink()

    reply = ask(page, "/")

    assert reply.status == HTTPStatus.SERVICE_UNAVAILABLE
    assert b"being built" in reply.body
    assert b'http-equiv="refresh"' in reply.body


def test_the_page_learns_where_the_system_is(page: Page) -> None:
    reply = ask(page, "/framestream.json")

    assert json.loads(reply.body) == {"httpUrl": ENDPOINTS.http_url}


@pytest.mark.parametrize(("method", "path"), [("GET", "/framestream.json"), ("POST", "/token")])
def test_a_system_that_is_not_up_is_said_to_be_so(page: Page, method: str, path: str) -> None:
    page.state_dir.endpoints.unlink()

    reply = ask(page, path, method=method, body=b'{"userId":"ada"}')

    assert (reply.status, error_of(reply)) == (HTTPStatus.SERVICE_UNAVAILABLE, "The system is not up yet.")


@pytest.mark.parametrize("host", ["localhost:5173", "127.0.0.1:5173"])
@pytest.mark.parametrize(("more", "lifetime"), [({}, 3600), ({"lifetime": 15}, 15), ({"lifetime": -60}, -60)])
def test_the_page_gets_a_token_for_whoever_it_names(
    page: Page, host: str, more: dict[str, int], lifetime: int
) -> None:
    reply = request_token(page, {"userId": "ada", **more}, host=host, origin=f"http://{host}")

    assert reply.status == HTTPStatus.OK
    token = json.loads(reply.body)["token"]
    claims = jwt.decode(token, ENDPOINTS.jwt_secret, ["HS256"], options={"verify_exp": False})
    assert claims["sub"] == "ada"
    assert claims["exp"] - claims["iat"] == lifetime
    assert claims["iat"] == int(NOW.timestamp())


@pytest.mark.parametrize("path", ["/", "/framestream.json", "/token"])
@pytest.mark.parametrize(
    "host",
    [
        "evil.example:5173",
        "localhost",
        "localhost:5174",
        "LOCALHOST:5173",
        "localhost:5173, evil.example",
        None,
    ],
)
def test_under_any_other_name_nothing_is_answered(page: Page, path: str, host: str | None) -> None:
    reply = ask(page, path, method="POST" if path == "/token" else "GET", body=b'{"userId":"ada"}', host=host)

    assert reply.status == HTTPStatus.MISDIRECTED_REQUEST
    assert error_of(reply) == "Only localhost:5173 and 127.0.0.1:5173 are answered."


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "http://evil.example:5173",
        "http://localhost:5174",
        "http://127.0.0.1:5173",  # Another one than the page was asked for by.
        "https://localhost:5173",
        "null",
        "",
        None,
    ],
)
def test_no_other_page_and_no_program_gets_a_token(page: Page, origin: str | None) -> None:
    reply = request_token(page, origin=origin)

    assert reply.status == HTTPStatus.FORBIDDEN
    assert b"eyJ" not in reply.body


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "", None])
def test_a_body_that_any_page_could_send_is_refused(page: Page, kind: str | None) -> None:
    assert request_token(page, content_type=kind).status == HTTPStatus.UNSUPPORTED_MEDIA_TYPE


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ([], "The body must be"),
        ("ada", "The body must be"),
        ({}, "The body must be"),
        ({"userId": "ada", "admin": True}, "The body must be"),
        ({"userId": 1}, "userId must be"),
        ({"userId": ""}, "userId must be"),
        ({"userId": "a\nb"}, "userId must be"),
        ({"userId": "\ud800"}, "userId must be"),
        ({"userId": "a" * (LONGEST_USER_ID + 1)}, "userId must be"),
        ({"userId": "ada", "lifetime": "60"}, "lifetime must be"),
        ({"userId": "ada", "lifetime": True}, "lifetime must be"),
        ({"userId": "ada", "lifetime": None}, "lifetime must be"),
        ({"userId": "ada", "lifetime": 1.5}, "lifetime must be"),
        ({"userId": "ada", "lifetime": 86_401}, "lifetime must be"),
        ({"userId": "ada", "lifetime": -86_401}, "lifetime must be"),
    ],
)
def test_a_token_request_that_cannot_be_met_is_refused_with_what_is_allowed(
    page: Page, body: Any, complaint: str
) -> None:
    reply = request_token(page, body)

    assert reply.status == HTTPStatus.UNPROCESSABLE_ENTITY
    assert error_of(reply).startswith(complaint)


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 1000])
def test_what_is_no_json_is_refused(page: Page, body: bytes) -> None:
    reply = ask(page, "/token", method="POST", body=body)

    assert (reply.status, error_of(reply)) == (HTTPStatus.BAD_REQUEST, "The body must be JSON.")


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/token"), ("POST", "/"), ("POST", "/framestream.json")]
)
def test_each_address_is_for_one_method(page: Page, method: str, path: str) -> None:
    assert ask(page, path, method=method).status == HTTPStatus.METHOD_NOT_ALLOWED


def test_a_page_may_load_nothing_from_elsewhere_and_talk_to_this_machine_alone() -> None:
    policy = dict(rule.strip().split(" ", 1) for rule in HEADERS["Content-Security-Policy"].split(";"))

    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["connect-src"] == "'self' http://127.0.0.1:* ws://127.0.0.1:*"
