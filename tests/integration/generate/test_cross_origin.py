"""What browsers are told when the gateway leaves it to the function, because sub-domains are allowed."""

from __future__ import annotations

import pytest

from functions.generate import wiring
from tests.integration.generate.site import PATH, Site
from tests.support.builders import USER

OURS = "https://pr-7.example.com"
BODY = {"user_id": USER, "chat_id": "chat_1", "prompt": "Tell me about otters"}


@pytest.fixture
def wide_site(site: Site, monkeypatch: pytest.MonkeyPatch) -> Site:
    """The site of a deployment that allows all sub-domains."""
    monkeypatch.setenv("ALLOWED_ORIGINS", "https://*.example.com")
    wiring.api.cache_clear()
    return site


@pytest.mark.parametrize(("method", "path"), [("POST", PATH), ("GET", "/health"), ("GET", "/nowhere")])
def test_our_page_may_read_answers_and_refusals(wide_site: Site, method: str, path: str) -> None:
    answer = wide_site.call(method, path, body=BODY, headers={"origin": OURS})

    assert answer.status in {200, 202, 404}
    assert answer.headers["Access-Control-Allow-Origin"] == OURS
    assert answer.headers["Vary"] == "Origin"


def test_our_page_may_ask_first(wide_site: Site) -> None:
    asks = {"origin": OURS, "access-control-request-method": "POST"}

    answer = wide_site.call("OPTIONS", PATH, user=None, headers=asks)

    assert answer.status == 204
    assert answer.headers["Access-Control-Allow-Origin"] == OURS
    assert answer.headers["Access-Control-Allow-Methods"] == "GET,POST,PATCH,DELETE"


@pytest.mark.parametrize(
    "origin", ["https://example.com", "https://evil.io", "https://a.example.com.evil.io", "null"]
)
@pytest.mark.parametrize("method", ["OPTIONS", "POST"])
@pytest.mark.fault(28)
def test_another_page_is_refused_and_reads_nothing(wide_site: Site, method: str, origin: str) -> None:
    asks = {"origin": origin, "access-control-request-method": "POST"}

    answer = wide_site.call(method, PATH, body=BODY, headers=asks)

    assert answer.status in {403, 405}
    assert not any(name.startswith("Access-Control") for name in answer.headers)
