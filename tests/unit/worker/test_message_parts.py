"""How the parts of an answer are told: in order, from any place on, the same to every socket."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from functions.shared.generations.model import Outcome, Status
from functions.worker.answer_text import AnswerText
from functions.worker.cursor import Cursor
from functions.worker.message_sequence import MessageSequence
from functions.worker.message_sizes import LARGEST_MESSAGE
from functions.worker.model import Extra
from functions.worker.status_messages import OPENING
from tests.support.contract import check_message
from tests.unit.worker.builders import NOON, generation

OTTER = Extra("source", '{"url":"https://o.example"}')
SIGNS = '"\\\n\x00🦦é漢abc'
"""Of one to six bytes in JSON."""


@dataclass
class Socket:
    """What a client has of one answer, put together by the rules of the contract."""

    sequence: MessageSequence
    position: Cursor = field(default_factory=Cursor)
    data: list[bytes] = field(default_factory=list)
    parts: list[dict[str, Any]] = field(default_factory=list)
    text: str = ""
    statuses: list[str] = field(default_factory=list)

    def hear(self, most: int = 10_000) -> None:
        """Take so many messages, or all that there are."""
        for _ in range(most):
            following = self.sequence.after(self.position, now=NOON)
            if following is None:
                return
            self.position = following.then
            self.data.append(following.data)
            assert len(following.data) <= LARGEST_MESSAGE
            self._take(json.loads(following.data))

    def _take(self, message: dict[str, Any]) -> None:
        if message["type"] == "llm_part":
            self._add(message["part"])
        elif message["type"] == "llm_frame" and "delta" in message["frame"]:
            assert message["frame"]["offset"] == len(self.text)
            self._add_text(message["frame"]["delta"])
        elif message["type"] == "llm_status":
            self.statuses.append(message["status"])

    def _add(self, part: dict[str, Any]) -> None:
        if not self.parts or self.parts[-1]["index"] != part["index"]:
            self.parts.append({"index": part["index"], "kind": part["kind"], "text": ""})
        assert part["offset"] == len(self.parts[-1]["text"])
        assert part["text_offset"] == len(self.text)
        self.parts[-1]["text"] += part["delta"]

    def _add_text(self, delta: str) -> None:
        self.text += delta
        if not self.parts or self.parts[-1]["kind"] != "text":
            index = self.parts[-1]["index"] + 1 if self.parts else 0
            self.parts.append({"index": index, "kind": "text", "text": ""})
        self.parts[-1]["text"] += delta


def sequence() -> MessageSequence:
    return MessageSequence(generation(generation_id="0" * 32), AnswerText(attempt=1), opening=OPENING)


def write(answer: AnswerText, piece: tuple[str, str]) -> None:
    kind, text = piece
    if kind == "text":
        answer.append(text)
    elif kind == "reasoning":
        answer.reason(text)
    else:
        answer.add(Extra("data", text))


def merged(pieces: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """What a client should have: pieces of one kind in a row are one part, and each document is its own."""
    parts: list[tuple[str, str]] = []
    for kind, text in pieces:
        if kind in {"text", "reasoning"} and parts and parts[-1][0] == kind:
            parts[-1] = kind, parts[-1][1] + text
        elif text:
            parts.append((kind, text))
    return parts


PIECES = st.lists(
    st.tuples(st.sampled_from(["text", "reasoning"]), st.text(st.sampled_from(SIGNS), max_size=20))
    | st.tuples(st.just("data"), st.integers(0, 9).map(str)),
    max_size=25,
)


@given(PIECES, st.data())
def test_whenever_sockets_come_and_however_slow_they_are_all_have_the_same_parts_at_the_end(
    pieces: list[tuple[str, str]], draws: st.DataObject
) -> None:
    told = sequence()
    sockets = [Socket(told)]
    for piece in pieces:
        write(told.answer, piece)
        if draws.draw(st.integers(0, 3)) == 0:
            sockets.append(Socket(told))
        for socket in sockets:
            socket.hear(draws.draw(st.integers(0, 4)))
    told.answer.end()
    told.answer.outcome = Outcome(status=Status.CANCELLED, length=len(told.answer))
    for socket in sockets:
        socket.hear()

    for socket in sockets:
        assert [(part["kind"], part["text"]) for part in socket.parts] == merged(pieces)
        assert [part["index"] for part in socket.parts] == list(range(len(socket.parts)))
        assert socket.statuses[-1] == "cancelled"


def test_reasoning_comes_after_the_opening_and_before_the_news_that_text_comes() -> None:
    told, socket = sequence(), None
    socket = Socket(told)
    told.answer.reason("Hm.")
    socket.hear()
    assert (socket.statuses, socket.parts[0]["text"]) == (["started", "processing", "thinking"], "Hm.")

    told.answer.append("Otters.")
    socket.hear()

    assert socket.statuses[-1] == "streaming"
    assert [part["kind"] for part in socket.parts] == ["reasoning", "text"]


def test_text_is_told_up_to_where_the_next_part_begins() -> None:
    told = sequence()
    told.answer.append("Otters")
    told.answer.add(OTTER)
    told.answer.append(" hold hands.")

    socket = Socket(told)
    socket.hear()

    assert [part["text"] for part in socket.parts] == ["Otters", OTTER.text, " hold hands."]


def test_every_message_of_a_part_is_in_the_contract() -> None:
    told = sequence()
    told.answer.reason("Hm.")
    told.answer.add(OTTER)
    told.answer.add(Extra("data", '{"name":"n","value":1}'))

    socket = Socket(told)
    socket.hear()

    parts = [json.loads(data) for data in socket.data if b'"llm_part"' in data]
    assert [part["part"]["kind"] for part in parts] == ["reasoning", "source", "data"]
    for part in parts:
        check_message(part)


def test_reasoning_of_any_size_is_told_in_messages_of_a_bounded_one() -> None:
    told = sequence()
    told.answer.reason(SIGNS * 9000)
    told.answer.append("x")

    socket = Socket(told)
    socket.hear()

    assert socket.parts[0]["text"] == SIGNS * 9000


def test_sockets_that_are_equally_far_are_told_the_same_bytes() -> None:
    told = sequence()
    one, other = Socket(told), Socket(told)
    for piece in ("Hm, ", "otters."):
        told.answer.reason(piece)
        one.hear()
        other.hear()

    assert one.data == other.data


def test_another_attempt_is_told_from_its_beginning() -> None:
    told = sequence()
    told.answer.reason("Hm.")
    socket = Socket(told)
    socket.hear()
    told.answer.restart(2)
    told.answer.reason("Well.")

    again = Socket(told, position=socket.position)
    again.hear()

    assert [part["text"] for part in again.parts] == ["Well."]
