"""A chat in memory, as a worker reads it: messages by number, texts of answers, summaries, and outages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from functions.shared.chats.model import ChatMessage, Role, Summary
from functions.shared.errors import Unavailable
from functions.shared.generations.model import ContextSeen, Generation, Outcome, Status, Usage
from functions.shared.transactions import Cancelled

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@dataclass
class FakeChat:
    """One chat. Implements the worker's `Chats`."""

    numbered: dict[int, ChatMessage] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    """Of answers, by their ids."""
    stored: dict[int, Summary] = field(default_factory=dict)
    outage: str = ""
    """A call that does not succeed."""
    calls: list[str] = field(default_factory=list)
    is_deleted: bool = False

    def ask(self, question: str, *, after: ChatMessage | None = None) -> ChatMessage:
        """Record a question, which follows an answer."""
        return self._add(Role.USER, after, text=question)

    def answer(
        self,
        text: str,
        *,
        to: ChatMessage,
        status: Status = Status.COMPLETED,
        usage: Usage | None = None,
        seen: ContextSeen | None = None,
    ) -> ChatMessage:
        """Record how an answer to a question ended."""
        outcome = Outcome(status=status, length=len(text), usage=usage, context=seen)
        message = self._add(Role.ASSISTANT, to, outcome=outcome)
        self.texts[message.message_id] = text
        return message

    def turn(self, question: str, text: str, *, after: ChatMessage | None = None) -> ChatMessage:
        """Record a question and its answer, and return that."""
        return self.answer(text, to=self.ask(question, after=after))

    def _add(self, role: Role, after: ChatMessage | None, **facts: object) -> ChatMessage:
        number = len(self.numbered) + 1
        message = ChatMessage(
            number=number,
            message_id=f"m{number}",
            parent_id=after.message_id if after else "",
            parent_number=after.number if after else 0,
            role=role,
            generation_id=f"m{number}",
            created_at=NOON,
            expires_at=NOON + timedelta(days=7),
            attempt=1,
            **facts,  # type: ignore[arg-type]
        )
        self.numbered[number] = message
        return message

    def messages(
        self, generation: Generation, *, until: int, page: int, now: datetime
    ) -> Iterator[ChatMessage]:
        numbers = sorted((number for number in self.numbered if number <= until), reverse=True)
        for index, number in enumerate(numbers):
            if not index % page:
                self._call("messages")
            yield self.numbered[number]

    def text(self, answer: ChatMessage) -> str:
        self._call("text")
        return self.texts.get(answer.message_id, "")

    def summary(self, generation: Generation, number: int, *, now: datetime) -> Summary | None:
        self._call("summary")
        return self.stored.get(number)

    def summaries(self, generation: Generation, *, after: int, until: int, now: datetime) -> list[Summary]:
        self._call("summaries")
        return [
            self.stored[number] for number in sorted(self.stored, reverse=True) if after < number <= until
        ]

    def put_summary(self, generation: Generation, summary: Summary) -> None:
        self._call("put_summary")
        if self.is_deleted or summary.number in self.stored:
            raise Cancelled({"summary": {}})
        self.stored[summary.number] = summary

    def prompt(self, generation: Generation) -> str:
        self._call("prompt")
        return self.numbered[generation.prompt_number].text if generation.prompt_number else "an older prompt"

    def _call(self, name: str) -> None:
        self.calls.append(name)
        if self.outage == name:
            raise Unavailable("ThrottlingException")
