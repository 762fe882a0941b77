"""A conversation in text alone, as it was recorded before answers had parts: not a byte of it has changed."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from functions.shared.generations.model import Outcome, Status, Usage
from functions.worker.answer_text import AnswerText
from functions.worker.chat_stream import ChatStream
from functions.worker.cursor import Cursor
from functions.worker.message_sequence import MessageSequence
from functions.worker.status_messages import OPENING
from tests.unit.worker.builders import NOON, generation

RECORDED = Path(__file__).parent / "recorded" / "text_only.jsonl"
SAID = ["Otters ", "hold ", "hands 🦦", " — e\u0301, 漢, \u2028 and “quotes” \\ ", "x" * 40_000, "\n```\nend"]
USAGE = {"prompt_tokens": 7, "completion_tokens": 6, "total_tokens": 13}


def stream() -> bytes:
    """What the model server sends."""
    chunks: list[dict[str, Any]] = [
        {"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": None}]} for text in SAID
    ]
    chunks.append({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    events = [json.dumps(chunk) for chunk in [*chunks, {"choices": [], "usage": USAGE}]]
    return "".join(f"data: {event}\n\n" for event in [*events, "[DONE]"]).encode()


def told() -> list[bytes]:
    """What two sockets are told, one from the beginning and one that joins late."""
    answer, model = AnswerText(attempt=1), ChatStream()
    sequence = MessageSequence(generation(), answer, opening=OPENING)
    early, late = Cursor(), Cursor()
    data, messages = stream(), list[bytes]()
    for number, start in enumerate(range(0, len(data), 100)):
        for piece in model.feed(data[start : start + 100]):
            answer.append(piece.text)
        early = rest(sequence, early, messages, at=number)
    answer.end()
    length = len(answer.text)
    answer.outcome = Outcome(
        status=Status.COMPLETED, length=length, finish_reason="stop", usage=Usage(7, 6, 13), cost=9
    )
    rest(sequence, early, messages, at=10_000)
    rest(sequence, late, messages, at=10_001)
    return messages


def rest(sequence: MessageSequence, position: Cursor, messages: list[bytes], *, at: int) -> Cursor:
    """Tell a socket all that there is. Returns how far it is then."""
    while following := sequence.after(position, now=NOON + timedelta(milliseconds=at)):
        messages.append(following.data)
        position = following.then
    return position


def test_a_text_only_conversation_is_told_byte_by_byte_as_it_always_was() -> None:
    assert b"\n".join(told()) + b"\n" == RECORDED.read_bytes()
