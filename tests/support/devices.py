"""A device on which anything is done at any time, and a journal of what all devices have asked."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from framestream import FrameStreamClient, Misused, Refused
from framestream.chat_records import ASSISTANT, USER

if TYPE_CHECKING:
    import random

    from framestream.conversation import Conversation
    from framestream.generation import Generation
    from tests.support.cable import Cable

OnBusy = Literal["reject", "queue", "interrupt"]
ACTIONS = {
    "ask": 34,
    "edit": 10,
    "regenerate": 10,
    "stop": 12,
    "edit_waiting": 6,
    "remove_waiting": 5,
    "resume": 8,
    "rename": 6,
    "delete": 2,
}
MODEL_FAULTS: list[dict[str, Any]] = [{"kind": "status", "code": 400}, {"kind": "end", "after": 2}]
REFUSALS = {"busy", "stale_parent", "not_found", "invalid"}
"""What a device may be told because of what another one has just done."""


@dataclass(slots=True)
class Turn:
    """A prompt that was accepted, and must be there unless a user took it away."""

    chat_id: str
    generation_id: str
    version: int
    prompts: list[str]
    """What it may say: an edit may have come before or after another one. Empty: an answer made anew."""
    may_be_removed: bool = False
    was_removed: bool = False


@dataclass(slots=True)
class Journal:
    """What was accepted, and which chats were deleted when."""

    turns: dict[str, Turn] = field(default_factory=dict)
    deletions: defaultdict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    counts: Counter[str] = field(default_factory=Counter)
    prompts: int = 0

    def accepted(self, chat_id: str, answer: Generation, *prompts: str) -> None:
        """Note a prompt; a repeated reply changes nothing."""
        version = answer.accepted["chat_version"]
        self.turns.setdefault(answer.id, Turn(chat_id, answer.id, version, list(prompts)))

    def expected(self, chat_id: str) -> list[Turn]:
        """The turns that a chat must have."""
        begun = max(self.deletions[chat_id], default=0)
        return [each for each in self.turns.values() if each.chat_id == chat_id and each.version > begun]


@dataclass(slots=True)
class Device:
    """One device: its client, and its chats as it knows them."""

    name: str
    client: FrameStreamClient
    cable: Cable
    chance: random.Random
    journal: Journal
    chats: dict[str, Conversation] = field(default_factory=dict)
    _listening: asyncio.Task[None] | None = None

    async def open(self, chat_ids: list[str]) -> None:
        """Follow chats, and note when one is deleted."""
        self._listening = asyncio.create_task(self._note_deletions())
        for chat_id in chat_ids:
            self.chats[chat_id] = await self.client.conversation(chat_id)

    async def close(self) -> None:
        """Stop listening."""
        if self._listening:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)

    async def act(self) -> None:
        """Do something, which may be refused because of what another device did."""
        chat = self.chats[self.chance.choice(sorted(self.chats))]
        name = self.chance.choices(list(ACTIONS), list(ACTIONS.values()))[0]
        try:
            await getattr(self, name)(chat)
        except (Misused, IndexError):
            self.journal.counts["nothing to do"] += 1
        except Refused as error:
            if error.code not in REFUSALS:
                raise
            self.journal.counts[f"{name}: {error.code}"] += 1
        else:
            self.journal.counts[name] += 1

    async def ask(self, chat: Conversation) -> None:
        """Ask in whatever way."""
        prompt = self._prompt()
        on_stale = self.chance.choice(["fork", "reject"])
        answer = await chat.ask(prompt, on_busy=self._on_busy(), on_stale=on_stale)
        self.journal.accepted(chat.chat_id, answer, prompt)

    async def edit(self, chat: Conversation) -> None:
        """Ask an earlier question anew."""
        questions = [each for each in chat.state.messages.values() if each.role == USER]
        question, prompt = self.chance.choice(questions), self._prompt()
        answer = await chat.edit(question.message_id, prompt, on_busy=self._on_busy())
        self.journal.accepted(chat.chat_id, answer, prompt)

    async def regenerate(self, chat: Conversation) -> None:
        """Have any answer made anew."""
        answers = [each for each in chat.state.messages.values() if each.role == ASSISTANT]
        message_id = self.chance.choice(answers).message_id
        self.journal.accepted(chat.chat_id, await chat.regenerate(message_id, on_busy=self._on_busy()))

    async def stop(self, chat: Conversation) -> None:
        """Stop what runs."""
        if chat.state.running is None:
            raise Misused("nothing runs")
        await self.client.cancel(chat.state.running)

    async def edit_waiting(self, chat: Conversation) -> None:
        """Change a prompt that waits."""
        waiting = self.chance.choice(chat.state.queue.waiting)
        turn, prompt = self.journal.turns.get(waiting.generation_id), self._prompt()
        if turn is None or not turn.prompts:
            raise Misused("its own device has not heard yet that it waits, or it has no words")
        turn.prompts.append(prompt)
        await self.client.chats.edit_waiting(chat.chat_id, waiting.generation_id, prompt)

    async def remove_waiting(self, chat: Conversation) -> None:
        """Take a prompt out of the queue."""
        generation_id = self.chance.choice(chat.state.queue.waiting).generation_id
        turn = self.journal.turns.get(generation_id)
        if turn is None:
            raise Misused("its own device has not heard yet that it waits")
        turn.may_be_removed = self.cable.is_pulled or turn.may_be_removed  # Its reply may be lost.
        pulls = self.cable.pulls
        try:
            await self.client.chats.remove_waiting(chat.chat_id, generation_id)
            turn.was_removed = True
        finally:
            turn.may_be_removed |= self.cable.pulls > pulls

    async def resume(self, chat: Conversation) -> None:
        """Let the queue go on."""
        if not chat.state.queue.is_paused:
            raise Misused("nothing is paused")
        await self.client.chats.resume(chat.chat_id)

    async def rename(self, chat: Conversation) -> None:
        """Give a title."""
        await self.client.chats.rename(chat.chat_id, f"title {self.chance.randrange(10**6)}")

    async def delete(self, chat: Conversation) -> None:
        """Delete the chat; the next prompt begins it anew."""
        await self.client.chats.delete(chat.chat_id)

    def _prompt(self) -> str:
        self.journal.prompts += 1
        key = f"p{self.journal.prompts}"
        plan: dict[str, Any] = {"key": key, "deltas": [f"{key} "], "repeat": self.chance.randint(1, 40)}
        plan["rate"] = self.chance.choice([0, 10, 40])
        if self.chance.random() < 0.1:
            plan["faults"] = [self.chance.choice(MODEL_FAULTS)] * 3
        return json.dumps(plan)

    def _on_busy(self) -> OnBusy:
        choices: list[OnBusy] = ["reject", "queue", "queue", "interrupt"]
        return self.chance.choice(choices)

    async def _note_deletions(self) -> None:
        with contextlib.suppress(Misused):
            async for message in self.client.messages():
                if message.get("event") == "deleted":
                    self.journal.deletions[message["chat_id"]].add(message["version"])
