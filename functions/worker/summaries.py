"""Summarises turns that will soon no longer fit, after an answer, so that no prompt waits for it.

A summary is made once between two trims of a conversation, by a call of one model. If anything goes wrong,
there is none: then the oldest turns are left out when the time comes, and nothing else happens.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from functions.shared.chats.model import Summary
from functions.shared.generations.model import Status
from functions.shared.log import Log
from functions.worker.context_fitting import ContextFitting
from functions.worker.lease import now
from functions.worker.summary_writer import SummaryWriter

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from functions.shared.budgets.model import LedgerLine
    from functions.shared.generations.model import Generation, Outcome
    from functions.shared.measurements import Measurements
    from functions.worker.context import Context, PastTurn
    from functions.worker.model_reader import ModelReader
    from functions.worker.ports import Chats
    from functions.worker.settings import WorkerOptions

logger = Log(__name__)

LONGEST = 30.0
"""Seconds that a summary may take: for so long it holds one of the worker's places."""


def nothing(_generation: Generation, _line: LedgerLine) -> None:
    """Record nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What is summarised."""

    turns: tuple[PastTurn, ...]
    before: Summary | None
    """What stands for the turns before them."""

    @property
    def prompt(self) -> str:
        """The conversation as JSON, out of which no text can break."""
        said = [{"user": turn.question, "assistant": turn.answer} for turn in self.turns]
        before = {"summary_of_what_was_before": self.before.text} if self.before else {}
        conversation = json.dumps({**before, "turns": said}, ensure_ascii=False)
        return f"{conversation}\n\nSummarise this conversation."

    def summary(self, text: str) -> Summary:
        """What stands for these turns and those before."""
        last = self.turns[-1]
        turns = len(self.turns) + (self.before.turns if self.before else 0)
        return Summary(number=last.answer_number, message_id=last.answer_id, turns=turns, text=text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Summaries:
    """Makes summaries."""

    reader: ModelReader
    chats: Chats
    options: WorkerOptions
    measurements: Measurements
    record: Callable[[Generation, LedgerLine], object] = field(default=nothing)
    """Notes what a call used."""
    clock: Callable[[], datetime] = now

    def of(self, model: str) -> Summaries:
        """Return the same for one model's conversations."""
        return replace(self, options=self.options.of(model))

    def due(self, context: Context, outcome: Outcome, answer: str) -> Material | None:
        """Say what is to be summarised after an answer; None if nothing is."""
        is_on = self.options.summaries and context.seen is not None
        if not is_on or outcome.status is Status.FAILED or not answer:
            return None
        usage = outcome.usage if outcome.status is Status.COMPLETED else None
        turns = ContextFitting(self.options).to_summarise(context, answer, usage)
        return Material(turns=turns, before=context.history.summary) if turns else None

    async def make(self, generation: Generation, material: Material, *, until: float) -> None:
        """Make and store a summary, if that succeeds before this time of the event loop."""
        until = min(until, asyncio.get_running_loop().time() + LONGEST)
        try:
            async with asyncio.timeout_at(until):
                await self._make(generation, material, until)
        except Exception as error:  # noqa: BLE001  whatever it is, the answer was told and stays
            logger.warning("there is no summary", error=type(error).__name__)

    async def _make(self, generation: Generation, material: Material, until: float) -> None:
        number = material.turns[-1].answer_number
        if await asyncio.to_thread(self.chats.summary, generation, number, now=self.clock()):
            return
        writer = SummaryWriter(
            reader=self.reader, options=self.options, measurements=self.measurements, record=self.record
        )
        text = (await writer.written(generation, material.prompt, until=until)).strip()
        if not text:
            return
        await asyncio.to_thread(self.chats.put_summary, generation, material.summary(text))
        logger.info("summarised", turns=len(material.turns), length=len(text))
