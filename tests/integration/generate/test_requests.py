"""What every request to the HTTP API has in common: routes, pages, credentials and the form of errors."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from tests.integration.generate.site import PATH, Site
from tests.support.builders import ORIGIN, USER
from tests.support.tokens import token

if TYPE_CHECKING:
    from io import StringIO

ID = "0123456789abcdef0123456789abcdef"
BODY = {"user_id": USER, "chat_id": "chat_1", "prompt": "Tell me about otters"}
CALLS = [
    ("POST", PATH),
    ("GET", f"/api/chat/generations/{ID}"),
    ("POST", f"/api/chat/generations/{ID}/cancel"),
]


def test_health_needs_no_credential(site: Site) -> None:
    answer = site.call("GET", "/health", user=None)

    assert answer.status == 200
    assert answer.body.keys() == {"status", "timestamp"}
    assert answer.body["status"] == "ok"


@pytest.mark.parametrize("slash", ["", "/"])
def test_a_trailing_slash_makes_no_difference(site: Site, slash: str) -> None:
    accepted = site.call("POST", PATH + slash, body=BODY)
    generation = f"/api/chat/generations/{accepted.body['generation_id']}"

    assert accepted.status == 202
    assert site.call("GET", generation + slash).status == 200
    assert site.call("POST", f"{generation}/cancel{slash}").status == 202
    assert site.call("GET", f"/health{slash}").status == 200


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "",
        "//",
        "/api/chat",
        "/api/chat/generations",
        "/api/chat/generations//",
        f"{PATH}//",
        f"{PATH}/x",
        PATH.upper(),
        f"/prod{PATH}",
        f"/api/chat/generations/{ID}/cancel/x",
        "/api/chat/../../health",
        "/healthz",
        "/canary",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "PATCH", "DELETE"])
def test_there_is_nothing_anywhere_else(site: Site, method: str, path: str) -> None:
    answer = site.call(method, path)

    assert (answer.status, answer.code) == (404, "not_found")
    assert "canary" not in answer.text


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        (PATH, "POST"),
        (f"/api/chat/generations/{ID}", "GET"),
        (f"/api/chat/generations/{ID}/cancel", "POST"),
        ("/health", "GET"),
    ],
)
def test_another_method_is_told_which_one_there_is(site: Site, path: str, allowed: str) -> None:
    for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "TRACE", "get"} - {allowed}:
        answer = site.call(method, path)
        assert (answer.status, answer.code) == (405, "method_not_allowed")
        assert answer.headers["Allow"] == allowed


@pytest.mark.parametrize(("method", "path"), CALLS)
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": ""},
        {"authorization": "Bearer"},
        {"authorization": "Bearer "},
        {"authorization": "Bearer canary"},
        {"authorization": "Basic canary"},
        {"authorization": token(at=datetime.now(UTC))},
        {"authorization": f"Bearer {token(at=datetime(2020, 1, 1, tzinfo=UTC))}"},
        {"authorization": f"Bearer {token(at=datetime.now(UTC), secret='x' * 32)}"},
        {"authorization": f"Bearer {token()},Bearer {token()}"},
        {"cookie": "token=canary"},
    ],
)
def test_without_a_valid_token_every_call_is_refused_alike(
    site: Site, method: str, path: str, headers: dict[str, str]
) -> None:
    answer = site.call(method, path, user=None, headers=headers, body=BODY)

    assert (answer.status, answer.code) == (401, 4001)
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.body == {
        "type": "about:blank",
        "title": "Unauthorized",
        "status": 401,
        "detail": "The credential is missing, invalid or expired.",
        "code": 4001,
    }
    assert site.items() == []


def test_a_token_in_the_query_is_no_credential_here(site: Site) -> None:
    query = {"token": token(at=datetime.now(UTC)), "user_id": USER}

    assert site.call("GET", f"/api/chat/generations/{ID}", user=None, query=query).status == 401


@pytest.mark.parametrize(("method", "path"), [*CALLS, ("GET", "/health")])
@pytest.mark.parametrize("origin", ["null", "", f"{ORIGIN}.evil.io", "http://app.example.com", f"{ORIGIN}/"])
@pytest.mark.fault(28)
def test_a_foreign_page_may_call_nothing(site: Site, method: str, path: str, origin: str) -> None:
    answer = site.call(method, path, origin=origin, body=BODY)

    assert (answer.status, answer.code) == (403, 4003)
    assert not any(name.lower().startswith("access-control") for name in answer.headers)
    assert site.items() == []


def test_a_caller_that_is_no_page_has_no_origin(site: Site) -> None:
    assert site.call("POST", PATH, body=BODY, origin=None).status == 202


def test_a_prompt_for_another_user_is_refused(site: Site) -> None:
    answer = site.call("POST", PATH, body=BODY | {"user_id": "other"})

    assert (answer.status, answer.code) == (403, 4003)
    assert site.items() == []


@pytest.mark.parametrize(
    ("body", "headers", "status", "code"),
    [
        ("", {}, 400, "malformed"),
        ("canary", {}, 400, "malformed"),
        ("[]", {}, 400, "malformed"),
        ('{"prompt": NaN}', {}, 400, "malformed"),
        ('{"prompt": "a", "prompt": "b"}', {}, 400, "malformed"),
        ("[" * 5000, {}, 400, "malformed"),
        (BODY | {"prompt": "x" * 1001}, {}, 413, "prompt_too_large"),
        (BODY | {"prompt": "x" * 10_000_000}, {}, 413, "prompt_too_large"),
        (BODY, {"content-type": "text/plain"}, 415, "unsupported_media_type"),
        (BODY, {"content-encoding": "gzip"}, 415, "unsupported_media_type"),
        (BODY | {"prompt": " "}, {}, 422, "invalid"),
        (BODY | {"prompt": ["canary"]}, {}, 422, "invalid"),
        (BODY | {"prompt": "canary\ud800"}, {}, 422, "invalid"),
        (BODY | {"model": "canary"}, {}, 422, "invalid"),
        ({}, {}, 422, "invalid"),
    ],
)
@pytest.mark.fault(52, 53, 56)
def test_a_body_that_is_not_as_it_must_be_costs_nothing(
    site: Site, logs: StringIO, body: object, headers: dict[str, str], status: int, code: str
) -> None:
    answer = site.call("POST", PATH, body=body, headers=headers)

    assert (answer.status, answer.code) == (status, code)
    assert "canary" not in answer.text + logs.getvalue()
    assert site.items() == []
    assert site.queued() == []


def test_fields_at_fault_are_named_with_the_rule(site: Site) -> None:
    answer = site.call("POST", PATH, body={"user_id": USER, "chat_id": "", "model": 7})

    assert {complaint["field"] for complaint in answer.body["errors"]} == {"chat_id", "prompt", "model"}
    assert all(complaint["message"] for complaint in answer.body["errors"])


def test_outcomes_are_logged_without_what_was_sent(site: Site, logs: StringIO) -> None:
    site.ask()
    site.call("GET", f"/api/chat/generations/{ID}", user=None)

    answered, refused = map(json.loads, logs.getvalue().splitlines())
    assert (answered["message"], answered["status"]) == ("answered", 202)
    assert (refused["message"], refused["reason"], refused["status"]) == ("refused", "no_credential", 401)
    assert "eyJ" not in logs.getvalue()


def test_a_ticket_for_no_page_is_refused_with_the_reason(site: Site) -> None:
    answer = site.call("POST", "/api/chat/connection-tickets", origin=None)

    assert (answer.status, answer.code) == (403, "origin_required")
    assert "needs an Origin" in answer.body["detail"]
    assert site.items() == []


def test_a_ticket_says_how_long_it_is_good_for(site: Site) -> None:
    now = datetime.now(UTC)
    short = token(at=now, sub=USER, exp=int(now.timestamp()) + 30)

    tickets = [site.call("POST", "/api/chat/connection-tickets", **said) for said in ({}, {"token": short})]

    assert tickets[0].body["expires_in"] == 60
    assert 25 <= tickets[1].body["expires_in"] <= 30
