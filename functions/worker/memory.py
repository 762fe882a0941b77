"""Reads what was said before a prompt, and decides what of it the prompt is sent with."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from functions.shared.generations.model import ContextSeen, Status
from functions.worker.chat_path import PAGE, Pair, Path, path_to
from functions.worker.context import Context, History, PastTurn
from functions.worker.context_fitting import ContextFitting
from functions.worker.lease import now

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from functions.shared.chats.model import ChatMessage, Summary
    from functions.shared.generations.model import Generation
    from functions.worker.attachments import Attachments
    from functions.worker.ports import Chats
    from functions.worker.settings import WorkerOptions

TEXTS_AT_ONCE = 8
"""Texts of one chat that are read side by side: a worker has threads for four chats that do."""


class Question(NamedTuple):
    """What the user asks, and where in its chat that stands."""

    prompt: str
    path: Path | None = None
    """None: it is sent alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What prompts are sent with."""

    prompt: Callable[[Generation], str]
    """Reads a prompt that is sent alone."""
    chats: Chats
    options: WorkerOptions
    attachments: Attachments | None = None
    """Reads files; None: this deployment has none."""
    clock: Callable[[], datetime] = field(default=now)

    async def question(self, generation: Generation) -> Question:
        """Return what a generation answers.

        Raises:
            Unavailable: If that could not be read.
        """
        path = await asyncio.to_thread(self._path, generation) if self._remembers(generation) else None
        if path is None:
            return Question(await asyncio.to_thread(self.prompt, generation))
        return Question(path.prompt.text, path)

    async def context(self, generation: Generation, question: Question) -> Context:
        """Return what a prompt is sent with.

        Raises:
            Unavailable: If that could not be read. An answer without its memory would be a wrong one.
        """
        context = await self._context(generation, question)
        return await self.attachments.given(generation, context) if self.attachments else context

    async def _context(self, generation: Generation, question: Question) -> Context:
        path = question.path
        if path is None:
            return Context(prompt=question.prompt, attachments=generation.attachments)
        fitting = self._fitting(generation)
        history = await self._history(generation, path)
        context = fitting.whole(history, question.prompt, number=path.prompt.number)
        context = replace(context, attachments=generation.attachments)
        if fitting.fits(context):
            return context
        return fitting.trimmed(context, await asyncio.to_thread(self._newer_summary, generation, path))

    def _fitting(self, generation: Generation) -> ContextFitting:
        return ContextFitting(self.options.of(generation.model))

    def _remembers(self, generation: Generation) -> bool:
        return self.options.context_tokens > 0 and generation.prompt_number > 0

    def _path(self, generation: Generation) -> Path | None:
        at = self.clock()

        def messages(number: int) -> Iterator[ChatMessage]:
            return self.chats.messages(generation, until=number, page=PAGE, now=at)

        return path_to(generation.prompt_number, messages, room=self._fitting(generation).room)

    async def _history(self, generation: Generation, path: Path) -> History:
        pairs = (path.first, *path.pairs) if path.first else path.pairs
        some = asyncio.Semaphore(TEXTS_AT_ONCE)
        summary, turns = await asyncio.gather(
            self._summary(generation, path.seen),
            asyncio.gather(*(self._turn(pair, some) for pair in pairs)),
        )
        first = turns[0] if path.first else None
        return History(
            first=first,
            turns=tuple(turn for turn in turns[1 if path.first else 0 :] if turn),
            summary=summary,
            seen=_given(path.seen, first, summary),
        )

    async def _turn(self, pair: Pair, some: asyncio.Semaphore) -> PastTurn | None:
        """Read a turn; None if its text has expired."""
        async with some:
            text = await asyncio.to_thread(self.chats.text, pair.answer)
        outcome = pair.answer.outcome
        if not text or outcome is None:
            return None
        return PastTurn(
            number=pair.question.number,
            answer_number=pair.answer.number,
            answer_id=pair.answer.message_id,
            question=pair.question.text,
            answer=text,
            usage=outcome.usage if outcome.status is Status.COMPLETED else None,
            seen=outcome.context,
            attachments=pair.question.attachments,
        )

    async def _summary(self, generation: Generation, seen: ContextSeen) -> Summary | None:
        if not seen.summary_number:
            return None
        read = partial(self.chats.summary, generation, seen.summary_number, now=self.clock())
        return await asyncio.to_thread(read)

    def _newer_summary(self, generation: Generation, path: Path) -> Summary | None:
        """Return the newest summary of this path that is not in use yet."""
        if not self.options.summaries:
            return None
        ids = {pair.answer.number: pair.answer.message_id for pair in path.pairs}
        stored = self.chats.summaries(
            generation, after=path.seen.summary_number, until=path.prompt.number, now=self.clock()
        )
        ours = (summary for summary in stored if ids.get(summary.number) == summary.message_id)
        return next(ours, None)


def _given(seen: ContextSeen, first: PastTurn | None, summary: Summary | None) -> ContextSeen:
    """What was seen, without what has expired meanwhile."""
    if first is None:
        seen = replace(seen, first_number=0)
    if summary is None:
        seen = replace(seen, dropped=seen.dropped + seen.summarised, summarised=0, summary_number=0)
    return seen
