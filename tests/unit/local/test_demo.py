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

from local.demo_page.demo import PORT, Demo, demo
from local.errors import PortInUse
from local.processes.services import running
from local.state_dir import StateDir


@pytest.fixture
def state_dir(tmp_path: Path) -> StateDir:
    state_dir = StateDir(tmp_path)
    state_dir.make()
    return state_dir


def headers_at(url: str) -> httpx.Headers:
    """What a server says at its first word."""
    give_up = time.monotonic() + 20
    while time.monotonic() < give_up:
        with suppress(httpx.TransportError):
            return httpx.get(url, trust_env=False).headers
        time.sleep(0.05)
    raise TimeoutError(url)


def test_a_page_is_served_before_there_is_a_system_and_as_long_as_it_is_wanted(
    state_dir: StateDir, unused_tcp_port: int
) -> None:
    with demo(state_dir=state_dir, port=unused_tcp_port) as page:
        assert page.origins == (f"http://localhost:{unused_tcp_port}", f"http://127.0.0.1:{unused_tcp_port}")
        assert "content-security-policy" in headers_at(page.url)

    with pytest.raises(httpx.TransportError):
        httpx.get(page.url, trust_env=False)


def test_a_port_that_is_taken_is_left_alone_unless_it_was_asked_for(state_dir: StateDir) -> None:
    with socket.socket() as other:
        with suppress(OSError):  # Another process that has it will do as well.
            other.bind(("127.0.0.1", PORT))

        with pytest.raises(PortInUse, match="--page-port"), demo(state_dir=state_dir, port=PORT):
            pass
        with demo(state_dir=state_dir, port=None) as page:
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
def test_what_became_of_the_build_is_told_in_a_sentence(
    state_dir: StateDir, script: str, outcome: str
) -> None:
    command = [sys.executable, "-c", script]

    with running("Building", command, state_dir=state_dir, name="page-build", environ=os.environ) as build:
        page = Demo(port=5174, server=build)

        assert page.news_of(build) == outcome.format(log=state_dir.log("page-build"))
