"""Which pages may read answers, where the gateway does not decide it."""

from __future__ import annotations

from typing import Any

import pytest

from functions.generate import cors
from functions.shared.cors import HEADERS
from functions.shared.origins import OriginAllowList

ORIGINS = OriginAllowList(frozenset({"https://*.example.com"}), missing_is_allowed=True)
OURS = "https://app.example.com"
ANSWER: dict[str, Any] = {"statusCode": 202, "headers": {"Content-Type": "application/json"}, "body": "{}"}


def event(method: str = "OPTIONS", **headers: str) -> dict[str, Any]:
    """A request of our page, before another one."""
    valid = {"origin": OURS, "access-control-request-method": "POST"}
    given = valid | {name.replace("_", "-"): value for name, value in headers.items()}
    return {
        "requestContext": {"http": {"method": method}},
        "headers": {name: value for name, value in given.items() if value},
    }


def test_our_page_may_ask_and_read() -> None:
    answer = cors.preflight(event(), ORIGINS)

    assert answer is not None
    assert cors.readable(answer, event(), ORIGINS) == {
        "statusCode": 204,
        "headers": {
            "Access-Control-Allow-Origin": OURS,
            "Access-Control-Allow-Methods": "GET,POST,PATCH,DELETE",
            "Access-Control-Allow-Headers": ",".join(HEADERS),
            "Access-Control-Expose-Headers": "retry-after",
            "Access-Control-Max-Age": "3600",
            "Cache-Control": "no-store",
            "Vary": "Origin",
        },
        "body": "",
    }


def test_an_answer_keeps_what_it_says() -> None:
    answer = cors.readable(ANSWER, event("POST"), ORIGINS)

    assert answer["headers"]["Content-Type"] == "application/json"
    assert answer["headers"]["Access-Control-Allow-Origin"] == OURS
    assert (answer["statusCode"], answer["body"]) == (202, "{}")


@pytest.mark.parametrize(
    "origin", ["", "null", "https://example.com", "https://evil.io", "https://a.example.com.io"]
)
@pytest.mark.fault(28)
def test_another_page_may_not_ask_and_not_read(origin: str) -> None:
    assert cors.preflight(event(origin=origin), ORIGINS) is None
    assert cors.readable(ANSWER, event("POST", origin=origin), ORIGINS) == ANSWER


@pytest.mark.parametrize("other", [event("POST"), event("GET"), event(access_control_request_method="")])
def test_another_request_is_no_question(other: dict[str, Any]) -> None:
    assert cors.preflight(other, ORIGINS) is None
