"""What the worker tells of an answer in parts, and what this client makes of it through cut sockets."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from framestream import Part
from framestream.progress import Progress, advance
from functions.shared.generations.model import Outcome, Status
from functions.worker.answer_text import AnswerText
from functions.worker.cursor import Cursor
from functions.worker.message_sequence import MessageSequence
from functions.worker.model import Extra
from functions.worker.status_messages import OPENING
from tests.unit.worker.builders import NOON, generation

PIECES = st.lists(
    st.tuples(st.sampled_from(["text", "reasoning"]), st.text(st.sampled_from("🦦é漢 abc"), max_size=20))
    | st.tuples(st.just("source"), st.integers(0, 9).map(lambda n: f'{{"url":"https://{n}.example"}}')),
    max_size=25,
)


def write(answer: AnswerText, kind: str, text: str) -> None:
    match kind:
        case "text":
            answer.append(text)
        case "reasoning":
            answer.reason(text)
        case _:
            answer.add(Extra("source", text))


def written(pieces: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Pieces of one kind in a row are one part; each source is one of its own, and is told once."""
    parts: list[tuple[str, str]] = []
    for kind, text in pieces:
        if kind != "source" and parts and parts[-1][0] == kind:
            parts[-1] = kind, parts[-1][1] + text
        elif text and not (kind == "source" and (kind, text) in parts):
            parts.append((kind, text))
    return parts


@given(PIECES, st.data())
def test_the_parts_are_the_same_wherever_sockets_are_cut(
    pieces: list[tuple[str, str]], draws: st.DataObject
) -> None:
    told = MessageSequence(generation(generation_id="0" * 32), AnswerText(attempt=1), opening=OPENING)
    progress, position = Progress(), Cursor()

    def hear(most: int) -> None:
        nonlocal progress, position
        for _ in range(most):
            following = told.after(position, now=NOON)
            if following is None:
                return
            position = following.then
            progress, _ = advance(progress, json.loads(following.data))

    for piece in pieces:
        write(told.answer, *piece)
        hear(draws.draw(st.integers(0, 3)))
        if draws.draw(st.booleans()):
            position = Cursor()  # Another socket, which hears all of it from its start.
    told.answer.end()
    told.answer.outcome = Outcome(status=Status.CANCELLED, length=len(told.answer))
    hear(1000)

    expected = [Part(index, kind, text) for index, (kind, text) in enumerate(written(pieces))]
    assert list(progress.parts.in_order(progress.answer.text)) == expected
    assert (progress.has_ended, progress.is_incomplete) == (True, False)
