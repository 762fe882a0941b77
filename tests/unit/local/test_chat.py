from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from local.chat import Conversation
from local.trouble import CannotAsk


class ScriptedSocket:
    """Says what it was given; silence is a None."""

    def __init__(self, *messages: dict[str, Any] | None) -> None:
        self.messages = list(messages)
        self.sent: list[str] = []

    def recv(self, timeout: float | None = None) -> str:  # noqa: ARG002
        message = self.messages.pop(0)
        if message is None:
            raise TimeoutError
        return json.dumps({"generation_id": "g1", "attempt": 1, **message})

    def send(self, message: str) -> None:
        self.sent.append(message)


def frame(text: str, *, offset: int, **fields: Any) -> dict[str, Any]:
    return {"type": "llm_frame", "frame": {"status": "streaming", "delta": text, "offset": offset}, **fields}


def status(word: str, **fields: Any) -> dict[str, Any]:
    return {"type": "llm_status", "status": word, "message": f"It is {word}.", **fields}


def response(text: str) -> dict[str, Any]:
    return {"type": "llm_response", "data": {"response": text, "length": len(text)}}


def have(socket: ScriptedSocket, *, stored: dict[str, Any] | None = None, refusal: int = 0) -> None:
    """Hold a conversation whose HTTP side accepts the prompt and gives out what is stored."""

    def answer(request: httpx.Request) -> httpx.Response:
        if refusal:
            return httpx.Response(refusal, json={"detail": "No."})
        if request.method == "POST":
            return httpx.Response(202, json={"generation_id": "g1", "status": "queued"})
        offset = int(request.url.params["offset"])
        state = {
            "status": "processing",
            "attempt": 1,
            "text": "",
            "error": None,
            "code": None,
            **(stored or {}),
        }
        return httpx.Response(200, json={**state, "offset": offset, "text": state["text"][offset:]})

    http = httpx.Client(transport=httpx.MockTransport(answer), base_url="http://framestream")
    with http:
        Conversation(socket=socket, http=http).have("Otters?", user="u1")


def test_text_goes_to_standard_output_and_the_rest_to_standard_error(
    capsys: pytest.CaptureFixture[str],
) -> None:
    have(
        ScriptedSocket(
            status("started"),
            frame("Sea ", offset=0),
            frame("otters", offset=4),
            response("Sea otters"),
            status("completed"),
        )
    )

    shown = capsys.readouterr()
    assert shown.out == "Sea otters\n"
    assert "started: It is started." in shown.err


def test_other_answers_and_unknown_messages_are_ignored(capsys: pytest.CaptureFixture[str]) -> None:
    have(
        ScriptedSocket(
            frame("Beavers", offset=0, generation_id="g2"),
            status("completed", generation_id="g2"),
            {"type": "news", "generation_id": None},
            frame("Otters", offset=0),
            status("completed"),
        )
    )

    assert capsys.readouterr().out == "Otters\n"


def test_a_new_attempt_is_announced_and_shown_from_its_start(capsys: pytest.CaptureFixture[str]) -> None:
    have(
        ScriptedSocket(
            frame("Sea", offset=0), frame("River", offset=0, attempt=2), status("completed", attempt=2)
        )
    )

    shown = capsys.readouterr()
    assert shown.out == "SeaRiver\n"
    assert "starting again, attempt 2" in shown.err


def test_what_a_gap_swallowed_is_read_over_http(capsys: pytest.CaptureFixture[str]) -> None:
    stored = {"text": "Sea otters hold hands", "status": "completed"}

    have(
        ScriptedSocket(
            frame("Sea", offset=0),
            frame("hold hands", offset=11),
            response("Sea otters hold hands"),
            status("completed"),
        ),
        stored=stored,
    )

    assert capsys.readouterr().out == "Sea otters hold hands\n"


def test_after_a_long_silence_it_looks_for_itself(capsys: pytest.CaptureFixture[str]) -> None:
    socket = ScriptedSocket(None)

    have(socket, stored={"text": "Otters", "status": "completed"})

    assert capsys.readouterr().out == "Otters\n"
    assert socket.sent == ['{"type":"heartbeat"}']


def test_an_answer_cannot_drive_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    have(ScriptedSocket(frame("\x1b]0;owned\x07 a\tb\nc", offset=0), status("completed")))

    assert capsys.readouterr().out == "\ufffd]0;owned\ufffd a\tb\nc\n"


def test_a_failure_is_told_with_its_code() -> None:
    error = {
        "type": "llm_error",
        "error": "The model is busy.",
        "code": "llm_rate_limited",
        "retryable": True,
    }

    with pytest.raises(CannotAsk, match=r"llm_rate_limited.*The model is busy"):
        have(ScriptedSocket(error))


def test_a_failure_found_after_a_silence_is_told_as_well() -> None:
    with pytest.raises(CannotAsk, match=r"worker_lost.*It was lost"):
        have(
            ScriptedSocket(None), stored={"status": "failed", "error": "It was lost.", "code": "worker_lost"}
        )


def test_a_refused_prompt_is_told_with_its_status() -> None:
    with pytest.raises(CannotAsk, match=r"429.*No\."):
        have(ScriptedSocket(), refusal=429)
