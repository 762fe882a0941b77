"""Generations, chats and a queue in memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from functions.generate.prompt_request import Placed, Recorded
from functions.shared.chats import heads
from functions.shared.chats.model import Chat, Ended
from functions.shared.errors import Unavailable
from functions.shared.generations.model import PICKED_UP_WITHIN, Generation, Status
from functions.shared.generations.response_format import ResponseFormat


@dataclass
class Shelf:
    """Generations and chats in memory, as the table keeps them."""

    kept: dict[str, Generation] = field(default_factory=dict)
    prompts: dict[str, str] = field(default_factory=dict)
    chats: dict[tuple[str, str], Chat] = field(default_factory=dict)
    formats: dict[str, ResponseFormat | None] = field(default_factory=dict)
    requeued: dict[str, datetime] = field(default_factory=dict)
    rivals: list[Callable[[], None]] = field(default_factory=list)
    """What others do just before the next prompts are written."""
    conflicts: int = 0
    """So many of the next writes meet another transaction."""

    def head(self, user_id: str, chat_id: str, **_: datetime) -> Chat | None:
        return self.chats.get((user_id, chat_id))

    def accept(self, placed: Placed, *, now: datetime) -> Recorded | None:
        if self.rivals:
            self.rivals.pop(0)()
        if self.conflicts:
            self.conflicts -= 1
            return None
        generation, asked = placed.generation, placed.asked
        found = self.kept.get(generation.generation_id)
        if found is not None and (asked.withdrawn is None or not found.withdrawn):
            return Recorded(found, is_new=False)
        chat = (generation.user_id, generation.chat_id)
        if self.chats.get(chat) != placed.before:
            return None
        self.chats[chat] = placed.after
        self.kept[generation.generation_id] = generation
        self.prompts[generation.generation_id] = asked.prompt
        self.formats[generation.generation_id] = asked.response_format
        if generation.requeued_at:
            self.requeued[generation.generation_id] = generation.requeued_at
        if placed.is_interrupting:
            self.request_cancel(placed.after.running)
        return Recorded(generation, is_new=True)

    def withdraw(self, generation: Generation, *, now: datetime) -> bool:
        found = self.kept[generation.generation_id]
        if found.queued_at:
            return False
        if self.requeued.get(found.generation_id) != generation.requeued_at:
            return found.status is Status.QUEUED
        if found.status is not Status.QUEUED:
            return False
        self.kept[found.generation_id] = replace(found, status=Status.FAILED, withdrawn=True, announced=True)
        chat = (found.user_id, found.chat_id)
        self.chats[chat] = heads.withdrawn(self.chats[chat], generation_id=found.generation_id, now=now)
        return True

    def cancel(self, generation: Generation, *, now: datetime) -> Ended | None:
        if self.kept[generation.generation_id].status is not Status.QUEUED:
            return None
        self.kept[generation.generation_id] = replace(generation, status=Status.CANCELLED)
        return Ended()

    def leave(self, generation: Generation, *, now: datetime) -> bool:
        if not self.kept[generation.generation_id].waits:
            return False
        self.kept[generation.generation_id] = replace(generation, status=Status.CANCELLED, waits=False)
        return True

    def delete(self, generation_id: str, *, is_ended: bool) -> None:
        del self.kept[generation_id]

    def requeue(self, generation_id: str, *, now: datetime) -> bool:
        last = self.requeued.get(generation_id)
        is_due = last is None or last < now - PICKED_UP_WITHIN
        if is_due:
            self.requeued[generation_id] = now
        return is_due

    def note_queued(self, generation_id: str, *, now: datetime) -> None:
        self.kept[generation_id] = replace(self.kept[generation_id], queued_at=now)

    def note_unqueued(self, generation_id: str) -> None:
        self.kept[generation_id] = replace(self.kept[generation_id], queued_at=None)

    def request_cancel(self, generation_id: str) -> bool:
        asked = not self.kept[generation_id].status.is_final
        self.kept[generation_id] = replace(self.kept[generation_id], cancel_requested=asked)
        return asked

    def find(self, generation_id: str, **_: datetime) -> Generation | None:
        return self.kept.get(generation_id)

    def response_format(self, generation: Generation) -> ResponseFormat | None:
        return self.formats.get(generation.generation_id)


@dataclass
class Line:
    """A queue that fails when it is told to; `taken` says what it does with the message all the same."""

    sent: list[str] = field(default_factory=list)
    reminded: list[str] = field(default_factory=list)
    down: bool = False
    taken: Any = None

    def send(self, generation_id: str) -> None:
        if self.down:
            if self.taken:
                self.taken(generation_id)
            raise Unavailable("ServiceUnavailable")
        self.sent.append(generation_id)

    send_again = send

    def remind(self, generation_id: str) -> None:
        self.reminded.append(generation_id)
