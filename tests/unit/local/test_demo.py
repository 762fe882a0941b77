"""The demo page beside a system: served from the beginning, and no reason for the rest to fail."""

from __future__ import annotations

import os
import socket
import sys
import time
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from local.demo import PORT, Demo, demo
from local.home import Home
from local.services import running
from local.trouble import PortInUse


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path)
    home.make()
    return home


def headers_at(url: str) -> httpx.Headers:
    """What a server says at its first word."""
    give_up = time.monotonic() + 20
    while time.monotonic() < give_up:
        with suppress(httpx.TransportError):
            return httpx.get(url, trust_env=False).headers
        time.sleep(0.05)
    raise TimeoutError(url)


def test_a_page_is_served_before_there_is_a_system_and_as_long_as_it_is_wanted(
    home: Home, unused_tcp_port: int
) -> None:
    with demo(home=home, port=unused_tcp_port) as page:
        assert page.origins == (f"http://localhost:{unused_tcp_port}", f"http://127.0.0.1:{unused_tcp_port}")
        assert "content-security-policy" in headers_at(page.url)

    with pytest.raises(httpx.TransportError):
        httpx.get(page.url, trust_env=False)


def test_a_port_that_is_taken_is_left_alone_unless_it_was_asked_for(home: Home) -> None:
    with socket.socket() as other:
        with suppress(OSError):  # Whoever has it already will do as well.
            other.bind(("127.0.0.1", PORT))

        with pytest.raises(PortInUse, match="--page-port"), demo(home=home, port=PORT):
            pass
        with demo(home=home, port=None) as page:
            assert page.port != PORT


@pytest.mark.parametrize(
    ("script", "outcome"),
    [
        ("", "The demo page is built: http://localhost:5174"),
        (
            "raise SystemExit('Error: no npm')",
            "The demo page could not be built: Error: no npm (all of it: {log}). All else is up.",
        ),
    ],
)
def test_what_became_of_the_build_is_told_in_a_sentence(home: Home, script: str, outcome: str) -> None:
    command = [sys.executable, "-c", script]

    with running("Building", command, home=home, name="page-build", environ=os.environ) as build:
        page = Demo(port=5174, server=build)

        assert page.news_of(build) == outcome.format(log=home.log("page-build"))
