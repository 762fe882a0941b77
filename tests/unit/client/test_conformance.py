"""This client against what all clients have in common: clients/conformance."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from framestream import (
    Backoff,
    FrameStreamClient,
    Reconnect,
    Refused,
    client,
    generation_tracker,
    reconnecting_socket,
    retry,
)
from framestream.codes import ABNORMAL, BY_HANDSHAKE, FATAL, PAUSING, Verdict, verdict_on
from framestream.connection import Attempt, State, step
from framestream.connection_events import (
    Closing,
    Command,
    ConnectionEvent,
    Effect,
    Event,
    HandshakeRefused,
    Lost,
    Pause,
    Report,
)
from framestream.parts import Parts
from framestream.progress import Progress, advance, catch_up
from framestream.websocket_messages import message_from
from tests.support.client_recorder import ClientRecorder
from tests.support.conformance import cases, vectors
from tests.support.fake_server import PROMPTS, fake_server, problem

Json = dict[str, Any]
EVENTS = {
    "wanted": ConnectionEvent.WANTED,
    "unwanted": ConnectionEvent.UNWANTED,
    "connected": ConnectionEvent.CONNECTED,
    "failed": ConnectionEvent.FAILED,
    "pause_over": ConnectionEvent.RETRY_DUE,
    "wake": ConnectionEvent.WOKEN,
    "expiring": ConnectionEvent.EXPIRING,
    "stable": ConnectionEvent.STABLE,
}
EFFECTS: dict[Effect, Json] = {
    Command.OPEN: {"do": "open", "fresh_token": False},
    Command.OPEN_REFRESHED: {"do": "open", "fresh_token": True},
    Command.ADOPT: {"do": "adopt"},
    Command.DROP: {"do": "drop"},
    Command.PROBE: {"do": "probe"},
}


def event_of(event: Json) -> Event:
    match event:
        case {"type": "refused", "code": code}:
            return HandshakeRefused(code, event.get("retry_after"))
        case {"type": "closing", "code": code}:
            return Closing(code)
        case {"type": "lost", "code": code}:
            return Lost(code)
    return EVENTS[event["type"]]


def words_of(effect: Effect) -> Json:
    match effect:
        case Pause(seconds):
            return {"do": "pause", "seconds": pytest.approx(seconds)}
        case Report(code):
            return {"do": "report", "code": code}
    return EFFECTS[effect]


@pytest.mark.parametrize("case", cases("connection"))
def test_the_connection_does_what_every_client_does(case: Json) -> None:
    rules = vectors("connection")["rules"]
    backoff = Backoff(base=rules.pop("base"), cap=rules.pop("cap"))
    reconnect = Reconnect(backoff=backoff, **rules).when(busy=case["answering"])
    state = State()
    for number, expected in enumerate(case["steps"]):
        state, effects = step(state, event_of(expected["event"]), reconnect, random=case["random"])

        told = {"phase": state.phase.value, "effects": [words_of(effect) for effect in effects]}
        assert told == {name: expected[name] for name in told}, f"step {number}: {expected['event']}"


@pytest.mark.parametrize("case", cases("parts"))
def test_parts_are_put_together_as_in_every_client(case: Json) -> None:
    parts = Parts()
    for piece in case["pieces"]:
        index, kind, text_offset = piece["index"], piece["kind"], piece["text_offset"]
        if piece["delta"] is None:
            parts = parts.without_text(index, kind, text_offset=text_offset)
        else:
            parts = parts.merge(index, kind, piece["delta"], offset=piece["offset"], text_offset=text_offset)

    shown = [
        {"index": part.index, "kind": part.kind}
        | ({"text": part.text} if part.kind in ("text", "reasoning") else {"document": part.document})
        for part in parts.in_order(case["text"])
    ]
    assert {"missing": parts.is_missing_any, "parts": shown} == case["expect"]


@pytest.mark.parametrize("case", cases("progress"))
def test_progress_is_as_in_every_client(case: Json) -> None:
    progress = Progress()
    for told in case["inputs"]:
        if "snapshot" in told:
            progress, _ = catch_up(progress, told["snapshot"])
        else:
            progress, _ = advance(progress, told["message"])

    assert case["expect"] == {
        "attempt": progress.answer.attempt,
        "text": progress.answer.text,
        "status": progress.status,
        "ended": progress.has_ended,
        "incomplete": progress.is_incomplete,
        "error": progress.failure and progress.failure.code,
    }


@pytest.mark.parametrize("case", cases("progress", "frames"))
def test_what_is_a_message_is_read_and_nothing_else(case: Json) -> None:
    data = case["text"] if "text" in case else case["binary"].encode()

    assert (message_from(data) is not None) == case["is_message"]


@pytest.mark.parametrize("case", [case for case in cases("codes", "prompts") if case.values[0]["status"]])
def test_a_refused_call_is_repeated_or_not(case: Json) -> None:
    wanted = Verdict.ALWAYS if case["retry"] else Verdict.NEVER

    assert verdict_on(case["status"]) is (Verdict.A_FEW_TIMES if case.get("few") else wanted)


@pytest.mark.parametrize("case", cases("codes", "words"))
async def test_a_refusal_whose_word_says_more_is_repeated_or_not(case: Json) -> None:
    told = {name: f"the {name}" for name in case["tells"]}
    async with fake_server() as server:
        server.prompt_replies = [problem(case["status"], case["code"], **told)]
        async with ClientRecorder(server).client as asking:
            if case["retry"]:
                await asking.generate("otters", "Otters?")
            else:
                with pytest.raises(Refused) as refused:
                    await asking.generate("otters", "Otters?")

                assert (refused.value.code, refused.value.status) == (case["code"], case["status"])
                assert {name: refused.value.problem[name] for name in told} == told

    assert len(server.requests_to(PROMPTS)) == (2 if case["retry"] else 1)


@pytest.mark.parametrize("case", cases("codes", "refusals"))
def test_a_refused_socket_is_tried_again_or_not(case: Json) -> None:
    opening = State(attempt=Attempt.OPENING)
    state, _ = step(opening, HandshakeRefused(case["code"]), Reconnect(), random=0.5)

    assert (case["code"] in FATAL, case["code"] in PAUSING) == (case["fatal"], case["pause"])
    assert (state.final_code is None, state.failures) == (not case["fatal"], int(case["retry"]))


@pytest.mark.parametrize("case", cases("codes", "handshakes"))
def test_a_refusal_without_a_body_is_understood_by_its_status(case: Json) -> None:
    assert BY_HANDSHAKE.get(case["status"]) == case["code"]


@pytest.mark.parametrize("case", cases("codes", "closings"))
def test_a_socket_that_the_server_closes_is_replaced_or_not(case: Json) -> None:
    state, _ = step(State(in_use=True), Closing(case["code"]), Reconnect(), random=0.5)

    assert (state.final_code is not None) == case["stay_away"]
    assert (state.attempt is Attempt.HELD_OFF) == case["pause"]


def test_defaults_are_as_in_every_client() -> None:
    rules = Reconnect()
    options = inspect.signature(FrameStreamClient).parameters
    mine = {name: options[name].default for name in ("heartbeat", "stall_timeout", "token_timeout")}
    mine |= {
        "patience": options["timeout"].default,
        "base": rules.backoff.base,
        "cap": rules.backoff.cap,
        "idle_cap": rules.idle_cap,
        "pause_when_full": rules.pause_when_full,
        "longest_retry_after": rules.longest_retry_after,
        "few_attempts": retry.FEW,
        "request_timeout": client.REQUEST_TIMEOUT,
        "poll_interval": generation_tracker.POLL_INTERVAL,
        "storing": generation_tracker.STORE_DELAY,
        "stable": reconnecting_socket.STABLE,
        "linger": reconnecting_socket.LINGER,
        "longest_margin": reconnecting_socket.LONGEST_MARGIN,
    }

    defaults = vectors("defaults")
    assert mine == {name: defaults[name]["value"] for name in defaults if name != "description"}
    assert Lost().code == ABNORMAL
