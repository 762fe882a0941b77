"""Which pages may open a socket or call the HTTP API."""

from __future__ import annotations

import pytest

from functions.shared.origins import OriginAllowList

OURS = OriginAllowList(frozenset({"https://app.example.com", "http://localhost:5173"}))


@pytest.mark.parametrize("origin", ["https://app.example.com", "http://localhost:5173"])
def test_our_own_pages_are_allowed(origin: str) -> None:
    assert OURS.allows(origin)


@pytest.mark.parametrize("origin", ["", "null", "NULL", "file://", "*", "undefined"])
@pytest.mark.fault(23)
def test_pages_without_an_origin_are_not_ours(origin: str) -> None:
    assert not OURS.allows(origin)


@pytest.mark.fault(23)
def test_a_missing_origin_is_refused_unless_the_deployment_says_otherwise() -> None:
    assert not OURS.allows(None)
    assert OriginAllowList(OURS.allowed, missing_is_allowed=True).allows(None)


@pytest.mark.parametrize("origin", ["", "null", "https://evil.example"])
@pytest.mark.fault(23)
def test_to_allow_a_missing_origin_allows_no_other(origin: str) -> None:
    assert not OriginAllowList(OURS.allowed, missing_is_allowed=True).allows(origin)


@pytest.mark.parametrize(
    "origin",
    [
        "https://app.example.com.evil.io",
        "https://evilapp.example.com",
        "https://x.app.example.com",
        "https://example.com",
        "https://app.example.com@evil.io",
        "https://user@app.example.com",
        "https://evil.io/https://app.example.com",
        "https://evil.io#https://app.example.com",
        "https://evil.io?https://app.example.com",
    ],
)
@pytest.mark.fault(24)
def test_a_page_that_only_contains_our_name_is_not_ours(origin: str) -> None:
    assert not OURS.allows(origin)


@pytest.mark.parametrize(
    "origin",
    [
        "http://app.example.com",
        "wss://app.example.com",
        "//app.example.com",
        "app.example.com",
        "https:app.example.com",
        "https://app.example.com:8443",
        "https://app.example.com:443",
        "https://app.example.com/",
        "https://app.example.com/page",
        "https://app.example.com#",
        "https://app.example.com?",
        "http://localhost",
        "http://localhost:51730",
        "http://localhost:5174",
    ],
)
@pytest.mark.fault(25)
def test_scheme_and_port_belong_to_an_origin_and_nothing_else_does(origin: str) -> None:
    assert not OURS.allows(origin)


@pytest.mark.parametrize(
    "origin",
    [
        "HTTPS://APP.EXAMPLE.COM",
        "https://App.example.com",
        "https://app.example.com.",
        "https://\u0430pp.example.com",
        "https://xn--pp-6kc.example.com",
        "https://app%2Eexample.com",
        "https://app\u3002example.com",
        "https://app.example.com\t",
        " https://app.example.com",
        "https://app.example.com ",
        "https://app.example.com\n",
        "https://app.example.com\0",
        "https://app.example.com,https://evil.io",
        "https://app.example.com, https://app.example.com",
        "https://app.example.com https://evil.io",
        "https://appXexample.com",
        "https://app.example.co",
    ],
)
@pytest.mark.fault(26)
def test_another_spelling_is_not_what_a_browser_sends_for_our_page(origin: str) -> None:
    assert not OURS.allows(origin)
