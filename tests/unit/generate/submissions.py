"""What takes prompts in tests: the real thing, with a shelf for its table and a line for its queue."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from functions.generate.acceptance import Acceptance
from functions.generate.attachments import NoAttachments
from functions.generate.proposals import Request
from functions.generate.queueing import Queueing
from functions.generate.requests import GenerateRequest
from functions.generate.settings import GenerateOptions
from functions.generate.submission import Submission
from functions.generate.under_way import GenerationEnds
from functions.generate.user_generations import UserGenerations
from functions.shared.chats import heads
from functions.shared.generations.model import Generation, Outcome, Status
from tests.support.builders import NOON, USER, generation
from tests.unit.generate.shelf import Line, Shelf

OPTIONS = GenerateOptions(llm_model="gpt-test", llm_allowed_models=("gpt-test", "gpt-other"))


class Anything:
    """No limits."""

    def admit(self, user_id: str, name: str, **_: datetime) -> None:
        """Let it pass."""


def queueing(shelf: Shelf, line: Line, *, sleep: Callable[[float], None] = lambda _: None) -> Queueing:
    return Queueing(transitions=shelf, submissions=shelf, archive=shelf, queue=line, sleep=sleep)


def submission(shelf: Shelf, line: Line, **changes: Any) -> Submission:
    acceptance = Acceptance(
        chats=shelf,
        submissions=shelf,
        archive=shelf,
        queue=line,
        ends=GenerationEnds(shelf),
        sleep=lambda _: None,
    )
    return Submission(
        acceptance=acceptance,
        archive=shelf,
        formats=shelf,
        attachments=NoAttachments(),
        limits=Anything(),
        queueing=queueing(shelf, line, **changes),
        options=OPTIONS,
    )


def user_generations(shelf: Shelf, line: Line) -> UserGenerations:
    return UserGenerations(
        transitions=shelf, submissions=shelf, queueing=queueing(shelf, line), archive=shelf
    )


def call(key: str | None, now: datetime = NOON) -> Request:
    return Request(key=key, now=now)


def request(**changes: Any) -> GenerateRequest:
    valid = {"user_id": USER, "chat_id": "chat_1", "prompt": "Tell me about otters"}
    return GenerateRequest(**valid | changes)


def end(shelf: Shelf, generation: Generation) -> None:
    """Complete what is being made."""
    chat = (generation.user_id, generation.chat_id)
    outcome = Outcome(status=Status.COMPLETED, length=1)
    after = heads.ended(shelf.chats[chat], generation, outcome, now=NOON)
    shelf.chats[chat] = after
    shelf.kept[generation.generation_id] = replace(
        generation, status=Status.COMPLETED, outcome=outcome, number=after.version
    )


def deletes(shelf: Shelf) -> None:
    """Delete the chat; the records of its answers are dealt with later."""
    shelf.chats[USER, "chat_1"] = heads.deleted(shelf.chats[USER, "chat_1"], expires_at=NOON, now=NOON)


def deletes_and_begins_anew(shelf: Shelf) -> None:
    deletes(shelf)
    begun = heads.begun(generation("new"), "New", former=shelf.chats[USER, "chat_1"])
    shelf.chats[USER, "chat_1"] = replace(begun, version=begun.version + 2)
