"""Judges chats at the end: every device knows what the server knows, and nothing that was asked is lost."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import TYPE_CHECKING

from framestream.chat_records import ASSISTANT, USER, ChatMessage
from framestream.chat_state import ChatState

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tests.support.devices import Turn

TOLD_BY_EACH_MESSAGE = "created_at"
"""A device that heard a change has the time of its message, one that read it that of the record."""


def differences(known: ChatState, true: ChatState) -> list[str]:
    """How a device's state differs from the server's."""
    if not true.version:
        return [] if not known.version and not known.messages else [f"a chat that is gone: {known.version}"]
    simple = [
        f"{name}: {getattr(known, name)!r}, not {getattr(true, name)!r}"
        for name in ("version", "title", "leaf_id", "running", "queue", "is_deleted")
        if getattr(known, name) != getattr(true, name)
    ]
    return simple + _in_messages(known.messages, true.messages)


def _in_messages(known: Mapping[str, ChatMessage], true: Mapping[str, ChatMessage]) -> list[str]:
    found = [f"knows {each}, which is not there" for each in known.keys() - true.keys()]
    found += [f"does not know {each}" for each in true.keys() - known.keys()]
    for message_id in known.keys() & true.keys():
        one, other = known[message_id], true[message_id]
        found += [
            f"{message_id}.{each.name}: {getattr(one, each.name)!r}, not {getattr(other, each.name)!r}"
            for each in fields(ChatMessage)
            if each.name != TOLD_BY_EACH_MESSAGE and getattr(one, each.name) != getattr(other, each.name)
        ]
    return found


def lost(turns: Iterable[Turn], true: ChatState) -> list[str]:
    """Turns that were accepted and are not there as they were asked, and removed ones that are."""
    found = []
    answers = {each.generation_id: each for each in true.messages.values() if each.role == ASSISTANT}
    questions = {each.generation_id: each for each in true.messages.values() if each.role == USER}
    for turn in turns:
        answer, question = answers.get(turn.generation_id), questions.get(turn.generation_id)
        if turn.was_removed:
            found += [f"{turn} is there"] if answer or question else []
        elif answer is None:
            found += [] if turn.may_be_removed and question is None else [f"{turn} has no answer"]
        else:
            found += _wrong(turn, answer, question or true.messages.get(answer.parent_id or ""))
    return found


def _wrong(turn: Turn, answer: ChatMessage, question: ChatMessage | None) -> list[str]:
    if question is None or question.message_id != answer.parent_id:
        return [f"{turn} does not answer its question"]
    if turn.prompts and question.text not in turn.prompts:
        return [f"{turn} asks {question.text!r}"]
    plan = json.loads(question.text or "")
    whole = "".join(plan["deltas"] * plan["repeat"])
    if answer.status == "completed" and answer.text != whole:
        return [f"{turn} is answered by {answer.text!r}"]
    return [] if whole.startswith(answer.text or "") else [f"{turn} has another answer: {answer.text!r}"]
