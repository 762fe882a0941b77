"""`framestream chat` and `framestream watch`, against a server in this process."""

from __future__ import annotations

import asyncio
import io
import json
import signal
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from framestream import PartPiece, Piece, Result, StatusChange
from framestream.terminal.__main__ import main
from framestream.terminal.screen import Screen, folded
from framestream.terminal.watching import line_of
from tests.support.fake_server import GENERATION, PROMPTS, FakeServer, Plan, problem, serving

GOOD = "good"
TEXT = "Otters 🦦 hold hands."


def press_ctrl_c() -> None:
    main_thread = threading.main_thread().ident
    assert main_thread is not None
    signal.pthread_kill(main_thread, signal.SIGINT)


async def whole(server: FakeServer) -> None:
    await server.status("started")
    await server.frame(TEXT[:7], 0)
    await server.frame(TEXT[7:], 7)
    await server.complete(TEXT)


async def interrupted(server: FakeServer) -> None:
    await server.frame(TEXT[:7], 0)
    await asyncio.sleep(0.1)
    press_ctrl_c()
    while not server.requests_to(f"/api/chat/generations/{GENERATION}/cancel"):
        await asyncio.sleep(0.01)
    await server.status("cancelled")


def run(tell: Plan | None, *words: str, token: str = GOOD) -> tuple[int, FakeServer]:
    with serving(tell) as server:
        options = ["--url", server.http_url, "--user", "u1"]
        if token:
            options += ["--token", token]
        return main([*words, *options]), server


def test_a_prompt_that_must_not_wait_has_a_time_limit(capsys: pytest.CaptureFixture[str]) -> None:
    def away(server: FakeServer) -> None:
        server.prompt_replies = [problem(503, 1013)] * 99

    with serving(None, away) as server:
        options = ["--url", server.http_url, "--user", "u1", "--token", GOOD]
        code = main(["chat", "Otters?", "--json", "--timeout", "0.2", *options])

    error = json.loads(capsys.readouterr().out)["error"]
    assert (code, error["retryable"]) == (1, True)
    assert "not accepted within 0.2 seconds" in error["message"]


def test_text_is_all_that_a_pipe_gets(capsys: pytest.CaptureFixture[str]) -> None:
    code, server = run(whole, "chat", "Otters?", "--chat", "c9", "--model", "m")

    assert code == 0
    assert capsys.readouterr().out == f"{TEXT}\n"
    [asked] = server.requests_to(PROMPTS)
    assert (asked["prompt"], asked["chat_id"], asked["model"]) == ("Otters?", "c9", "m")


async def in_parts(server: FakeServer) -> None:
    await server.status("streaming")
    for delta, offset in (("Otters \x1b[2Jswim", 0), (" well.", 15)):
        await server.part(0, "reasoning", delta, offset=offset)
    await server.frame(TEXT, 0)
    source = {"url": "https://otters.example", "title": "Otters"}
    await server.part(2, "source", json.dumps(source), text_offset=len(TEXT))
    await server.complete(TEXT)


def test_reasoning_and_sources_stand_beside_the_text_and_not_in_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code, _ = run(in_parts, "chat", "Otters?")

    told = capsys.readouterr()
    assert (code, told.out) == (0, f"{TEXT}\n")
    assert "Otters \N{REPLACEMENT CHARACTER}[2Jswim well.\n" in told.err
    assert "[1] Otters https://otters.example" in told.err


def test_a_script_gets_the_parts_of_an_answer_that_has_some(capsys: pytest.CaptureFixture[str]) -> None:
    run(in_parts, "chat", "Otters?", "--json")

    parts = json.loads(capsys.readouterr().out)["parts"]
    assert [(part["index"], part["kind"]) for part in parts] == [(0, "reasoning"), (1, "text"), (2, "source")]


def test_a_prompt_can_be_piped_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("Otters?\n"))

    _, server = run(whole, "chat")

    assert server.requests_to(PROMPTS)[0]["prompt"] == "Otters?\n"


def test_a_script_gets_one_object(capsys: pytest.CaptureFixture[str]) -> None:
    code, _ = run(whole, "chat", "Otters?", "--json")

    assert code == 0
    assert json.loads(capsys.readouterr().out) == {
        "generation_id": GENERATION,
        "status": "completed",
        "text": TEXT,
        "attempt": 1,
        "model": "m",
        "finish_reason": "stop",
        "usage": None,
        "cost": None,
        "context": None,
    }


def test_ctrl_c_cancels_the_answer_and_keeps_its_text(capsys: pytest.CaptureFixture[str]) -> None:
    code, server = run(interrupted, "chat", "Otters?")

    assert code == 130
    assert len(server.requests_to(f"/api/chat/generations/{GENERATION}/cancel")) == 1
    shown = capsys.readouterr()
    assert shown.out == f"{TEXT[:7]}\n"
    assert "cancelled: It is cancelled." in shown.err


def test_a_failure_is_an_exit_code_and_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    async def failed(server: FakeServer) -> None:
        await server.send("llm_error", error="Busy.", code="llm_rate_limited", retryable=True)
        await server.status("failed")

    assert run(failed, "chat", "Otters?")[0] == 1
    assert "Busy. (llm_rate_limited)\n" in capsys.readouterr().err

    assert run(failed, "chat", "Otters?", "--json")[0] == 1
    assert json.loads(capsys.readouterr().out) == {
        "error": {"code": "llm_rate_limited", "message": "Busy.", "retryable": True}
    }


def test_the_token_may_come_from_the_environment_or_a_command(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("FRAMESTREAM_TOKEN", "good")
    assert run(whole, "chat", "Otters?", token="")[0] == 0

    monkeypatch.setenv("FRAMESTREAM_TOKEN", "stale")
    printed = tmp_path / "token"
    printed.write_text("good\n")
    assert run(whole, "chat", "Otters?", "--token-command", f"cat {printed}", token="")[0] == 0


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--token", "t"], "Where is the server?"),
        (["--url", "http://127.0.0.1:1"], "Who asks?"),
        pytest.param(
            ["--url", "http://127.0.0.1:1", "--token-command", "false"],
            "`false` printed no token",
            marks=pytest.mark.slow,  # It is run again, with pauses: what prints tokens may be away.
        ),
    ],
)
def test_what_is_missing_is_said(
    words: list[str],
    sentence: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name in ("FRAMESTREAM_URL", "FRAMESTREAM_TOKEN", "FRAMESTREAM_TOKEN_COMMAND"):
        monkeypatch.delenv(name, raising=False)

    assert main(["chat", "Otters?", *words]) == 1
    assert sentence in capsys.readouterr().err


@pytest.mark.slow
def test_too_many_sockets_are_reported_while_the_command_waits(capsys: pytest.CaptureFixture[str]) -> None:
    def full(server: FakeServer) -> None:
        server.ticket_replies = [problem(429, 4429)] * 9
        server.state = {"text": TEXT, "status": "completed"}

    with serving(prepare=full) as server:
        assert main(["chat", "Otters?", "--url", server.http_url, "--user", "u1", "--token", "good"]) == 0

    shown = capsys.readouterr()
    assert "connection: No: 4429. (4429)" in shown.err
    assert shown.out == f"{TEXT}\n"


def test_watching_shows_every_message_until_ctrl_c(capsys: pytest.CaptureFixture[str]) -> None:
    async def news(server: FakeServer) -> None:
        while not server.sockets:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.1)
        await server.frame(TEXT, 0)
        await asyncio.sleep(0.1)
        press_ctrl_c()

    with serving() as server:
        server_loop = asyncio.run_coroutine_threadsafe(news(server), server.loop)
        code = main(["watch", "--url", server.http_url, "--user", "u1", "--token", "good"])
        server_loop.result()

    assert code == 130
    assert f'00000000 #1  llm_frame    @0 "{TEXT}"' in capsys.readouterr().out


@pytest.mark.parametrize(
    ("message", "gist"),
    [
        ({"type": "pong"}, "pong"),
        ({"type": "system", "status": "alive", "message": "Yes.\x1b[2J"}, "alive: Yes.\ufffd[2J"),
        ({"type": "llm_error", "error": "Busy.", "code": "llm_timeout"}, "llm_timeout: Busy."),
        ({"type": "llm_response", "data": {"length": 3, "finish_reason": "stop"}}, "3 characters, stop"),
    ],
)
def test_a_message_is_one_line(message: dict[str, object], gist: str) -> None:
    assert line_of(message).endswith(gist)


TEXTS = st.text(alphabet="ab 🦦\u0301\n字", max_size=60)


@given(text=TEXTS, width=st.integers(2, 12))
def test_folding_loses_nothing_but_the_spaces_and_ends_that_it_breaks_at(text: str, width: int) -> None:
    lines = folded(text, width)

    assert "".join(lines).replace(" ", "") == text.replace(" ", "").replace("\n", "")
    assert all(cell_len(line) <= width for line in lines)


@given(before=TEXTS, after=TEXTS, width=st.integers(2, 12))
def test_more_text_changes_only_the_last_line(before: str, after: str, width: int) -> None:
    *settled, last = folded(before, width)

    assert folded(before + after, width) == [*settled, *folded(last + after, width)]


def test_a_terminal_shows_reasoning_dim_in_lines_of_its_own() -> None:
    out = io.StringIO()
    console = Console(
        file=out, force_terminal=True, width=40, highlight=False, markup=False, color_system="standard"
    )
    screen = Screen(console, clock=lambda: 0.0)

    with screen:
        screen.show(PartPiece(0, "reasoning", "Otters …", 1))
        screen.show(Piece("Sea otters", attempt=1, offset=0))

    assert "\x1b[2mOtters …\x1b[0m\n" in out.getvalue().replace("\r", "")
    assert out.getvalue().endswith("\x1b[2KSea otters\n")


def test_a_terminal_keeps_the_text_and_says_how_fast_it_came() -> None:
    out = io.StringIO()
    times = iter(range(1000))
    screen = Screen(
        Console(file=out, force_terminal=True, width=20, highlight=False, markup=False, color_system=None),
        clock=lambda: float(next(times)),
    )

    with screen:
        screen.show(StatusChange("streaming", "It comes.", 1))
        for word in ("Sea ", "otters ", "hold ", "hands ", "when ", "asleep."):
            screen.show(Piece(word, attempt=1, offset=0))
        screen.finished(
            Result(
                generation_id=GENERATION,
                status="completed",
                text="",
                attempt=1,
                model=None,
                finish_reason="stop",
                usage={"completion_tokens": 500},
            )
        )

    left = [line.rstrip() for line in out.getvalue().split("\n")]
    assert any(line.endswith("Sea otters hold") for line in left)
    assert any(line.endswith("hands when asleep.") for line in left)
    assert "500 tokens" in out.getvalue().replace("\n", " ")
