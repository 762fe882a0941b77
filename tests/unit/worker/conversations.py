"""A chat that grows turn by turn in memory, asked as a worker asks, and a provider that counts its tokens."""

from __future__ import annotations

from dataclasses import dataclass, field

from functions.shared.chats.model import Summary
from functions.shared.generations.model import ContextSeen, Usage
from functions.worker.chat_request import Shape, request_body
from functions.worker.context import Context, History, PastTurn
from functions.worker.context_fitting import ContextFitting
from functions.worker.settings import WorkerOptions
from tests.unit.worker.builders import worker_options

Messages = list[dict[str, str]]


def letters_over_four(text: str) -> int:
    """How a provider may count: a token for four letters of English."""
    return len(text) // 4 + 1


def turn(number: int, *, size: int = 100, question: str = "", answer: str = "") -> PastTurn:
    """A turn whose question has a message's number, and whose answer the next one."""
    return PastTurn(
        number=number,
        answer_number=number + 1,
        answer_id=f"m{number + 1}",
        question=question or f"q{number} ".ljust(size, "."),
        answer=answer or f"a{number} ".ljust(size, "."),
    )


def summary_to(number: int, *, turns: int = 1, text: str = "Otters.") -> Summary:
    """A summary up to an answer."""
    return Summary(number=number, message_id=f"m{number}", turns=turns, text=text)


def history(*turns: PastTurn, summary: Summary | None = None, **seen: int) -> History:
    """A path whose first turn is given, with the turns that follow it."""
    first, others = (turns[0], turns[1:]) if turns else (None, ())
    return History(first=first, turns=others, summary=summary, seen=ContextSeen(**seen))


@dataclass
class GrowingChat:
    """Asks prompt after prompt, and remembers of each turn what the table remembers."""

    options: WorkerOptions = field(default_factory=worker_options)
    counts: bool = True
    """Whether the provider counts tokens."""
    turns: list[PastTurn] = field(default_factory=list)
    summary: Summary | None = None
    """One that was made and is not used yet."""
    used: Summary | None = None
    sent: list[Messages] = field(default_factory=list)
    contexts: list[Context] = field(default_factory=list)

    def ask(self, prompt: str, answer: str) -> Context:
        """Ask, and have the answer."""
        fitting = ContextFitting(self.options)
        number = 2 * len(self.turns) + 1
        context = fitting.whole(self._history(), prompt, number=number)
        if not fitting.fits(context):
            context = fitting.trimmed(context, self.summary)
        if context.history.summary is self.summary:
            self.used = self.summary
        body = request_body(context.conversation, model="m", options=self.options, shape=Shape())
        self.sent.append(body["messages"])
        self.contexts.append(context)
        tokens = self.tokens(-1)
        said = letters_over_four(answer)
        self.turns.append(
            PastTurn(
                number=number,
                answer_number=number + 1,
                answer_id=f"m{number + 1}",
                question=prompt,
                answer=answer,
                usage=Usage(tokens, said, tokens + said) if self.counts else None,
                seen=context.seen,
            )
        )
        return context

    def tokens(self, index: int) -> int:
        """What the provider counts of a request."""
        return sum(letters_over_four(message["content"]) + 4 for message in self.sent[index])

    def _history(self) -> History:
        if not self.turns:
            return History()
        seen = self.turns[-1].seen
        assert seen is not None
        if not seen.from_number:
            return History(first=self.turns[0], turns=tuple(self.turns[1:]), seen=seen)
        return History(
            first=next((turn for turn in self.turns if turn.answer_number == seen.first_number), None),
            turns=tuple(turn for turn in self.turns if turn.number >= seen.from_number),
            summary=self.used if seen.summary_number else None,
            seen=seen,
        )


def grown(turns: int, *, size: int = 400, options: WorkerOptions | None = None) -> GrowingChat:
    """A chat of so many turns."""
    chat = GrowingChat(options=options or worker_options())
    for number in range(turns):
        chat.ask(f"q{number} ".ljust(size, "x"), f"a{number} ".ljust(size, "y"))
    return chat
