"""Which pages may open a socket or call the HTTP API."""

from __future__ import annotations

import pytest

from functions.connect.settings import ConnectSettings
from functions.shared.errors import SettingsError
from functions.shared.origins import OriginAllowList
from tests.support import environment

OURS = OriginAllowList(frozenset({"https://app.example.com", "http://localhost:5173"}))
TEAMS = OriginAllowList(frozenset({"https://*.example.com", "https://*.dev.example.org:8443"}))


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


@pytest.mark.parametrize(
    "origin",
    [
        "https://a.example.com",
        "https://app.example.com",
        "https://a.b.example.com",
        "https://a.b.c.d.e.example.com",
        "https://xn--bcher-kva.example.com",
        "https://1.example.com",
        "https://pr-123.example.com",
        f"https://{'a' * 63}.example.com",
        "https://example.com.example.com",
        "https://a.dev.example.org:8443",
        "https://a.b.dev.example.org:8443",
    ],
)
def test_a_wildcard_stands_for_one_label_or_more(origin: str) -> None:
    assert TEAMS.allows(origin)


@pytest.mark.parametrize(
    "origin",
    [
        "https://example.com",
        "https://.example.com",
        "https://a..example.com",
        "https://..example.com",
        "https://evilexample.com",
        "https://-.example.com",
        "https://-a.example.com",
        "https://a-.example.com",
        f"https://{'a' * 64}.example.com",
        "https://" + "a." * 150 + "example.com",
        "https://*.example.com",
        "https://*.a.example.com",
        "https://a.*.example.com",
        "https://a.exampleXcom",
        "https://a.example.com.evil.io",
        "https://a.example.com.",
        "https://a.example.com:443",
        "https://a.example.com:8443",
        "https://a.example.com:",
        "https://a.example.com/",
        "https://evil.io/.example.com",
        "https://evil.io/a.example.com",
        "https://evil.io#.example.com",
        "https://evil.io?.example.com",
        "https://evil.io\\.example.com",
        "https://evil.io:80.example.com",
        "https://user@a.example.com",
        "https://evil.io@a.example.com",
        "https://[::1].example.com",
        "https://A.example.com",
        "https://a.EXAMPLE.com",
        "HTTPS://a.example.com",
        "http://a.example.com",
        "wss://a.example.com",
        "https:a.example.com",
        "//a.example.com",
        "a.example.com",
        ".example.com",
        "https://a_b.example.com",
        "https://a%2E.example.com",
        "https://\u0430.example.com",
        "https://a\u3002b.example.com",
        "https://a\n.example.com",
        "https://a.example.com\n",
        " https://a.example.com",
        "https://a .example.com",
        "https://a\0.example.com",
        "https://a.example.com, https://evil.io",
        "https://evil.io, https://a.example.com",
        "https://evil.io,a.example.com",
        "https://a.dev.example.org",
        "https://a.dev.example.org:443",
        "https://a.dev.example.org:84430",
        "https://dev.example.org:8443",
        "https://evildev.example.org:8443",
        "https://a.example.org:8443",
        "https://a.dev.example.org:8443.evil.io",
        "",
        "null",
        "*",
        "https://",
        "https://*",
    ],
)
@pytest.mark.fault(24, 25, 26)
def test_a_wildcard_stands_for_nothing_else(origin: str) -> None:
    assert not TEAMS.allows(origin)


def test_a_wildcard_allows_no_missing_origin() -> None:
    assert not TEAMS.allows(None)


def test_no_origin_is_read_that_is_longer_than_a_host_can_be() -> None:
    longest = "https://aa." + "a." * 139 + "example.com"

    assert len(longest) == 300
    assert TEAMS.allows(longest)
    assert not TEAMS.allows(longest.replace("aa", "aaa"))


@pytest.mark.parametrize(
    "text",
    [
        "https://app.example.com",
        "http://localhost:5173",
        "http://127.0.0.1:8080",
        "https://app.example.com:8443",
        "https://app.example.com:80",
        "https://*.example.com",
        "https://*.example.com:8443",
        "https://*.xn--bcher-kva.example",
    ],
)
def test_an_entry_is_written_as_a_browser_writes_it(text: str) -> None:
    environ = environment.CONNECT | {"ALLOWED_ORIGINS": f"https://a.example, {text}"}

    assert ConnectSettings.from_env(environ).allowed_origins == ("https://a.example", text)


@pytest.mark.parametrize(
    "text",
    [
        "*",
        "null",
        "https://*",
        "https://*.",
        "https://*.com",
        "https://*.0.0.1",
        "https://*.example.com.",
        "https://*example.com",
        "https://a*.example.com",
        "https://*.*.example.com",
        "https://app.*.com",
        "http://*.example.com",
        "https://*.example.com:443",
        "https://*.example.com:*",
        "https://*.example.com/",
        "https://app.example.com/",
        "https://app.example.com:443",
        "http://app.example.com:80",
        "https://App.example.com",
        "https://app.example.com.",
        "https://app..example.com",
        "https://\u0430pp.example.com",
        "https://user@app.example.com",
        "app.example.com",
        "file://",
        "canary",
    ],
)
@pytest.mark.fault(20)
def test_another_entry_keeps_a_function_from_starting(text: str) -> None:
    with pytest.raises(SettingsError, match=r"^ALLOWED_ORIGINS must be ") as refusal:
        ConnectSettings.from_env(environment.CONNECT | {"ALLOWED_ORIGINS": f"https://a.example,{text}"})

    assert "canary" not in str(refusal.value)
