"""Every refusal is logged with a word, the user if known and where it came from, and counted."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from io import StringIO
from typing import Any

import pytest

from tests.integration.functions_in_process import PATH, FunctionsInProcess
from tests.support.tokens import token

Act = Callable[[FunctionsInProcess], object]
ADA, SOURCE = "ada", "203.0.113.1"
FOREIGN = [("Origin", "https://evil.example")]


def expired() -> str:
    return token(at=datetime(2020, 1, 1, tzinfo=UTC))


def handshake_as_the_fourth(functions: FunctionsInProcess) -> None:
    for _ in range(4):
        functions.handshake(ADA)


def ask_too_often(functions: FunctionsInProcess) -> None:
    for number in range(6):
        functions.ask(ADA, chat_id=f"chat_{number}")


def say_nonsense(functions: FunctionsInProcess) -> None:
    functions.handshake(ADA, connection_id="c=")
    functions.say("nonsense", "c=")


def ping_too_often(functions: FunctionsInProcess) -> None:
    functions.handshake(ADA, connection_id="c=")
    for _ in range(6):
        functions.say('{"type":"ping"}', "c=")


SOCKETS: dict[str, tuple[Act, str | None]] = {
    "origin": (lambda functions: functions.handshake(ADA, headers=FOREIGN), None),
    "no_credential": (lambda functions: functions.handshake(ADA, query=[("user_id", ADA)]), None),
    "token_expired": (
        lambda functions: functions.handshake(ADA, query=[("user_id", ADA), ("token", expired())]),
        None,
    ),
    "user_id": (
        lambda functions: functions.handshake(
            ADA, query=[("user_id", "eve"), ("token", token(at=datetime.now(UTC), sub=ADA))]
        ),
        ADA,
    ),
    "cap": (handshake_as_the_fourth, ADA),
}
REQUESTS: dict[str, tuple[Act, str | None]] = {
    "origin": (lambda functions: functions.call("GET", "/health", None, origin="https://evil.example"), None),
    "no_credential": (lambda functions: functions.call("POST", PATH, None), None),
    "token_expired": (lambda functions: functions.call("POST", PATH, None, token=expired()), None),
    "user_id": (lambda functions: functions.ask(ADA, user_id="eve"), ADA),
    "invalid": (lambda functions: functions.ask(ADA, prompt=" "), ADA),
    "prompt_too_large": (lambda functions: functions.ask(ADA, prompt="x" * 1001), ADA),
    "unsupported_media_type": (lambda functions: functions.call("POST", PATH, ADA), ADA),
    "not_found": (lambda functions: functions.call("GET", f"/api/chat/generations/{'0' * 32}", ADA), ADA),
    "method_not_allowed": (lambda functions: functions.call("PUT", PATH, ADA), None),
    "rate_limited": (ask_too_often, ADA),
}
MESSAGES: dict[str, tuple[Act, str | None]] = {
    "not_a_keep_alive": (say_nonsense, ADA),
    "rate_limited": (ping_too_often, ADA),
}


def refusal(logs: StringIO) -> dict[str, Any]:
    """The only line about a refusal."""
    lines = [json.loads(line) for line in logs.getvalue().splitlines()]
    (found,) = [line for line in lines if line["message"] == "refused"]
    assert found["level"] == "WARNING"
    return dict(found)


def counted(printed: str, name: str) -> float:
    """How often a metric was counted."""
    metrics = [json.loads(line) for line in printed.splitlines()]
    return float(sum(metric.get(name, 0) for metric in metrics))


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        *(("RejectedConnects", reason) for reason in SOCKETS),
        *(("RefusedRequests", reason) for reason in REQUESTS),
        *(("RejectedMessages", reason) for reason in MESSAGES),
    ],
)
def test_a_refusal_is_told_with_its_reason_and_counted(
    functions: FunctionsInProcess,
    logs: StringIO,
    capsys: pytest.CaptureFixture[str],
    kind: str,
    reason: str,
) -> None:
    table = {"RejectedConnects": SOCKETS, "RefusedRequests": REQUESTS, "RejectedMessages": MESSAGES}[kind]
    act, user = table[reason]

    act(functions)

    line = refusal(logs)
    assert (line["reason"], line.get("user_id")) == (reason, user)
    assert line.get("source_ip") == SOURCE or line["connection_id"] == "c="
    assert counted(capsys.readouterr().out, kind) == 1


def test_what_is_let_in_is_counted_nowhere_as_refused(
    functions: FunctionsInProcess, logs: StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    functions.handshake(ADA, connection_id="c=")
    functions.say('{"type":"ping"}', "c=")
    functions.ask(ADA)

    printed = capsys.readouterr().out
    assert not any(counted(printed, f"Re{word}") for word in ("jectedConnects", "fusedRequests"))
    assert not counted(printed, "RejectedMessages")
    assert "refused" not in logs.getvalue()
