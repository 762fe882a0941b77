"""What a connection is told, in which order."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.shared.generations.failures import Failure
from functions.shared.generations.model import ContextSeen, Outcome, Status, Usage
from functions.worker.answer_text import AnswerText
from functions.worker.cursor import Cursor
from functions.worker.message_sequence import MessageSequence
from functions.worker.message_sizes import LARGEST_MESSAGE
from functions.worker.status_messages import OPENING, question_messages
from tests.unit.worker.builders import NOON, generation

COMPLETED = Outcome(status=Status.COMPLETED, length=5, finish_reason="stop", usage=Usage(1, 2, 3))


def sequence(text: str = "", outcome: Outcome | None = None, **changes: Any) -> MessageSequence:
    answer = AnswerText(attempt=1, outcome=outcome)
    answer.append(text)
    return replace(MessageSequence(generation(), answer, opening=OPENING), **changes)


def told(sequence: MessageSequence, position: Cursor | None = None) -> tuple[list[dict[str, Any]], Cursor]:
    """Everything that the sequence has to say from a position on, and the position after it."""
    position = position or Cursor()
    messages = []
    while (following := sequence.after(position, now=NOON)) is not None:
        assert len(following.data) <= LARGEST_MESSAGE
        messages.append(json.loads(following.data))
        position = following.then
    return messages, position


def kinds(messages: list[dict[str, Any]]) -> list[str]:
    return [
        message.get("status") or message.get("frame", {}).get("status") or message["type"]
        for message in messages
    ]


def test_a_whole_answer_is_told_in_the_order_of_the_contract() -> None:
    messages, _ = told(sequence("hello", COMPLETED))

    assert kinds(messages) == [
        "started",
        "processing",
        "thinking",
        "thinking",
        "streaming",
        "streaming",
        "llm_response",
        "completed",
    ]
    assert messages[5]["frame"] == {
        "status": "streaming",
        "delta": "hello",
        "offset": 0,
        "progress": "indeterminate",
    }


def test_every_message_names_user_chat_generation_attempt_and_time() -> None:
    messages, _ = told(sequence("hello", COMPLETED))

    for message in messages:
        names = [message[name] for name in ("user_id", "chat_id", "generation_id", "attempt", "timestamp")]
        assert names == ["ada", "c1", "g1", 1, "2026-11-22T12:00:00.000Z"]


def test_the_response_says_what_the_model_saw_of_its_chat() -> None:
    seen = replace(COMPLETED, context=ContextSeen(turns=3, summarised=2, dropped=1))

    messages, _ = told(sequence("hello", seen))

    assert messages[-2]["data"]["context"] == {"turns": 3, "summarised": 2, "dropped": 1}


def test_the_response_carries_text_usage_and_length() -> None:
    messages, _ = told(sequence("hello", COMPLETED))

    assert messages[-2]["data"] == {
        "event": "response_generated",
        "user_id": "ada",
        "chat_id": "c1",
        "generation_id": "g1",
        "response": "hello",
        "model": "stand-in",
        "finish_reason": "stop",
        "usage": {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3},
        "length": 5,
        "cost": None,
        "timestamp": "2026-11-22T12:00:00.000Z",
    }


def test_the_response_says_what_the_model_saw_and_whether_the_budget_is_nearly_used() -> None:
    seen = replace(COMPLETED, context=ContextSeen(turns=3, summarised=2, dropped=1))
    messages, _ = told(sequence("hello", seen, generation=replace(generation(), is_warned=True)))

    data = messages[-2]["data"]
    assert data["context"] == {"turns": 3, "summarised": 2, "dropped": 1}
    assert data["budget_warning"]


def test_before_the_first_text_a_connection_waits_after_the_thinking_frame() -> None:
    messages, position = told(sequence())

    assert kinds(messages) == ["started", "processing", "thinking", "thinking"]
    assert sequence().after(position, now=NOON) is None


def test_text_that_comes_while_a_post_is_under_way_is_merged_into_the_next_frame() -> None:
    growing = sequence("one ")
    _, position = told(growing)

    growing.answer.append("two ")
    growing.answer.append("three")
    messages, _ = told(growing, position)

    assert [(m["frame"]["offset"], m["frame"]["delta"]) for m in messages] == [(4, "two three")]


def test_a_post_that_failed_is_said_again_with_the_text_that_came_meanwhile() -> None:
    growing = sequence("one ")
    position = Cursor(attempt=1, opening=len(OPENING) + 1)
    first = growing.after(position, now=NOON)

    growing.answer.append("two")
    again = growing.after(position, now=NOON)

    assert first is not None
    assert again is not None
    assert (
        json.loads(again.data)["frame"] | {"delta": "one two", "offset": 0} == json.loads(again.data)["frame"]
    )


def test_a_failure_is_told_with_its_word_and_nothing_else() -> None:
    failed = Outcome(status=Status.FAILED, length=0, failure=Failure.UNAVAILABLE)
    messages, _ = told(sequence("", failed, opening=()))

    assert kinds(messages) == ["llm_error", "failed"]
    assert messages[0]["code"] == "llm_unavailable"
    assert messages[0]["retryable"] is True


def test_a_cancelled_answer_keeps_its_partial_text() -> None:
    messages, _ = told(sequence("par", Outcome(status=Status.CANCELLED, length=3)))

    assert kinds(messages)[-3:] == ["streaming", "streaming", "cancelled"]


def test_a_restart_is_told_from_the_beginning_with_the_higher_attempt() -> None:
    growing = sequence("old text")
    _, position = told(growing)

    growing.answer.restart(2)
    growing.answer.append("new")
    messages, _ = told(growing, position)

    assert kinds(messages) == ["started", "processing", "thinking", "thinking", "streaming", "streaming"]
    assert {message["attempt"] for message in messages} == {2}
    assert messages[-1]["frame"]["offset"] == 0


def test_a_response_that_would_not_fit_is_null_and_its_length_is_told() -> None:
    long = "x" * 40_000
    messages, _ = told(sequence(long, replace(COMPLETED, length=len(long))))

    response = next(message for message in messages if message["type"] == "llm_response")
    assert response["data"]["response"] is None
    assert response["data"]["length"] == 40_000


@given(
    st.text(alphabet=st.sampled_from(["a", '"', "\\", "\x00", "\u2028", "é", "😀", "\n"]), max_size=50),
    st.integers(1, 1500),
)
@pytest.mark.fault(73, 88)
def test_frames_are_small_enough_and_join_to_the_text(piece: str, times: int) -> None:
    text = piece * times
    messages, _ = told(sequence(text, replace(COMPLETED, length=len(text))))

    frames = [
        m["frame"] for m in messages if m["type"] == "llm_frame" and m["frame"]["status"] == "streaming"
    ]
    assert "".join(frame["delta"] for frame in frames) == text
    assert all(frame["delta"] for frame in frames)
    offsets = [frame["offset"] for frame in frames]
    assert offsets == [len("".join(f["delta"] for f in frames[:i])) for i in range(len(frames))]


@pytest.mark.parametrize("failure", list(Failure))
def test_every_failure_has_a_word_and_a_sentence_for_people(failure: Failure) -> None:
    assert failure.code.islower()
    assert failure.sentence.endswith(".")
    assert Failure.of(failure.code) is failure


def test_connections_that_are_equally_far_are_sent_the_same_bytes_and_new_text_makes_new_ones() -> None:
    told_of = sequence("Otters ")
    at = told(told_of)[1]
    told_of.answer.append("hold ")

    first, second = (told_of.after(at, now=NOON) for _ in range(2))
    told_of.answer.append("hands")
    third = told_of.after(at, now=NOON)

    assert first is not None
    assert third is not None
    assert first is second
    assert json.loads(first.data)["frame"]["delta"] == "hold "
    assert json.loads(third.data)["frame"]["delta"] == "hold hands"


def test_a_restart_and_an_end_are_not_taken_for_what_was_said_before() -> None:
    told_of = sequence("Otters ")
    _, at = told(told_of)

    told_of.answer.restart(2)
    assert kinds(told(told_of, at)[0]) == ["started", "processing", "thinking", "thinking"]
    told_of.answer.append("Otters ")
    _, at = told(told_of, Cursor())
    told_of.answer.outcome = replace(COMPLETED, length=7)
    assert kinds(told(told_of, at)[0]) == ["llm_response", "completed"]


@pytest.mark.parametrize(("attachments", "said"), [((), None), (("a1", "a2"), ["a1", "a2"])])
def test_a_question_is_told_with_what_it_was_asked_with(
    attachments: tuple[str, ...], said: list[str] | None
) -> None:
    question = replace(generation(), prompt_id="1" * 32, chat_version=1, attachments=attachments)

    [message] = told(
        MessageSequence(question, AnswerText(attempt=1), opening=question_messages(question, "What is this?"))
    )[0]

    assert message["text"] == "What is this?"
    assert message.get("attachments") == said
