"""`python -m local chat`, against a server in this process."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from dataclasses import replace

import pytest

from local.chat import ask
from local.endpoints import Endpoints
from local.errors import CannotAsk
from tests.support.fake_chat_server import FakeChats
from tests.support.fake_server import FakeServer, Plan, problem, serving
from tests.unit.local.test_state_dir import ENDPOINTS


def have(tell: Plan | None = None, *, prepare: Callable[[FakeServer], None] = lambda _: None) -> None:
    with serving(tell, prepare) as server:
        ask("Otters?", user="u1", endpoints=endpoints(server.http_url))


def endpoints(http_url: str) -> Endpoints:
    return replace(ENDPOINTS, http_url=http_url)


def test_text_goes_to_standard_output_and_the_rest_to_standard_error(
    capsys: pytest.CaptureFixture[str],
) -> None:
    async def tell(server: FakeServer) -> None:
        await server.status("started")
        await server.frame("Sea ", 0)
        await server.frame("otters", 4)
        await server.complete("Sea otters")

    have(tell)

    shown = capsys.readouterr()
    assert shown.out == "Sea otters\n"
    assert shown.err.startswith("queued: generation ")
    assert "started: It is started.\n\ncompleted: It is completed.\n" in shown.err


def test_a_new_attempt_is_announced_and_shown_from_its_start(capsys: pytest.CaptureFixture[str]) -> None:
    async def tell(server: FakeServer) -> None:
        await server.frame("Sea", 0)
        await server.frame("River", 0, attempt=2)
        await server.status("cancelled", attempt=2)

    have(tell)

    shown = capsys.readouterr()
    assert shown.out == "SeaRiver\n"
    assert "starting again, attempt 2" in shown.err


def test_an_answer_cannot_drive_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    async def tell(server: FakeServer) -> None:
        await server.frame("\x1b]0;owned\x07 a\tb\nc", 0)
        await server.status("cancelled")

    have(tell)

    assert capsys.readouterr().out == "\ufffd]0;owned\ufffd a\tb\nc\n"


def test_without_a_prompt_a_session_begins_with_what_was_said_before(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("/help\n"))
    chats = FakeChats()
    chats.chat("terminal").ask("Otters?")
    chats.chat("terminal").end("Sea otters.")

    with serving() as server:
        server.route = chats.answer
        ask(None, user="u1", endpoints=endpoints(server.http_url))

    shown = capsys.readouterr().out
    assert "1> Otters?\nSea otters.\n" in shown
    assert "/edit [N] TEXT" in shown


def test_a_failure_is_told_with_its_code() -> None:
    async def tell(server: FakeServer) -> None:
        await server.send("llm_error", error="The model is busy.", code="llm_rate_limited", retryable=True)
        await server.status("failed")

    with pytest.raises(CannotAsk, match=r"llm_rate_limited.*The model is busy"):
        have(tell)


def test_a_refused_prompt_is_told_with_its_code() -> None:
    def prepare(server: FakeServer) -> None:
        server.prompt_replies = [problem(422, "invalid")]

    with pytest.raises(CannotAsk, match=r"refused \(invalid\).*No"):
        have(prepare=prepare)


def test_a_system_that_is_gone_is_told_with_advice(
    unused_tcp_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("local.chat.SUBMIT_TIMEOUT", 0.2)

    with pytest.raises(CannotAsk, match="python -m local status"):
        ask("Otters?", user="u1", endpoints=endpoints(f"http://127.0.0.1:{unused_tcp_port}"))
