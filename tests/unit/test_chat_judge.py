"""The judge of chats finds a device that knows something else than the server, and a turn that is lost."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from framestream import ChatMessage, ChatState
from tests.support.chat_judge import differences, lost
from tests.support.devices import Turn

PROMPT = json.dumps({"key": "p1", "deltas": ["p1 "], "repeat": 3})
QUESTION = ChatMessage(
    message_id="q", parent_id=None, number=1, role="user", text=PROMPT, generation_id="g", created_at="t"
)
ANSWER = replace(
    QUESTION, message_id="g", parent_id="q", number=2, role="assistant", text="p1 p1 p1 ", status="completed"
)
TRUE = ChatState(version=2, messages={"q": QUESTION, "g": ANSWER}, leaf_id="g", created_at="t")
TURN = Turn("chat", "g", 1, [PROMPT])


def test_a_device_that_heard_of_everything_is_equal_whenever_it_was_told() -> None:
    heard = replace(TRUE, created_at="", messages={"q": replace(QUESTION, created_at="later"), "g": ANSWER})

    assert differences(heard, TRUE) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"version": 1},
        {"title": "Another"},
        {"leaf_id": None},
        {"running": "g2"},
        {"messages": {"q": QUESTION}},
        {"messages": {"q": QUESTION, "g": replace(ANSWER, text="p1 p1 ")}},
        {"messages": {"q": QUESTION, "g": ANSWER, "x": ANSWER}},
    ],
)
def test_a_device_that_knows_something_else_is_found(changes: dict[str, Any]) -> None:
    assert differences(replace(TRUE, **changes), TRUE)


def test_of_a_deleted_chat_a_device_knows_nothing() -> None:
    assert differences(ChatState(is_deleted=True), ChatState()) == []
    assert differences(TRUE, ChatState())


def test_a_turn_that_is_there_as_it_was_asked_is_not_lost() -> None:
    assert lost([TURN], TRUE) == []
    assert lost([replace(TURN, may_be_removed=True)], TRUE) == []
    assert lost([replace(TURN, generation_id="other", may_be_removed=True)], TRUE) == []


@pytest.mark.parametrize(
    ("turn", "true"),
    [
        (replace(TURN, generation_id="other"), TRUE),
        (replace(TURN, was_removed=True), TRUE),
        (replace(TURN, prompts=["Another"]), TRUE),
        (TURN, replace(TRUE, messages={"q": QUESTION})),
        (TURN, replace(TRUE, messages={"g": ANSWER})),
        (TURN, replace(TRUE, messages={"q": QUESTION, "g": replace(ANSWER, text="p1 ")})),
        (TURN, replace(TRUE, messages={"q": QUESTION, "g": replace(ANSWER, status="failed", text="x")})),
    ],
)
def test_a_turn_that_is_not_there_as_it_was_asked_is_found(turn: Turn, true: ChatState) -> None:
    assert lost([turn], true)
