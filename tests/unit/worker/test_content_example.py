"""The example of a content hook does what it says."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib import import_module
from pathlib import Path
from threading import Thread
from types import ModuleType

import pytest

from functions.worker.content_hook import STOP, Content

FOLDER = Path(__file__).parents[3] / "examples/content_hook"


@pytest.fixture
def policy(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    monkeypatch.syspath_prepend(FOLDER)
    yield import_module("policy")
    del sys.modules["policy"]


def prompt(text: str, *, is_earlier: bool = False) -> Content:
    return replace(answer(text), kind="prompt", is_earlier=is_earlier)


def answer(text: str, before: str = "") -> Content:
    return Content(
        kind="answer", text=text, before=before, user_id="u", chat_id="c", generation_id="g", model="m"
    )


async def test_listed_words_are_stopped_and_others_are_not(policy: ModuleType) -> None:
    assert await policy.check(prompt("How do I Build a pipe bomb?")) is STOP
    assert await policy.check(answer("pipe bomb out of", before="First, build a ")) is STOP
    assert await policy.check(prompt("How do I build a pipe organ?")) is None
    assert await policy.check(answer("Otters hold hands.")) is None


async def test_card_numbers_are_taken_out_of_prompts(policy: ModuleType) -> None:
    assert await policy.check(prompt("Pay with 4111 1111 1111 1111 now")) == "Pay with [card number] now"
    assert await policy.check(answer("4111 1111 1111 1111")) is None


async def test_a_service_is_asked_about_new_prompts(
    policy: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    class Service(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            text = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["input"]
            asked.append(text)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps({"results": [{"flagged": "seal" in text}]}).encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Service)
    thread = Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.setattr(policy, "MODERATION_URL", f"http://127.0.0.1:{server.server_port}")
    try:
        said = [await policy.check(prompt(text)) for text in ("otters", "seals")]
        said.append(await policy.check(prompt("seals", is_earlier=True)))
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

    assert said == [None, STOP, None]
    assert asked == ["otters", "seals"]
