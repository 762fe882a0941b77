"""Makes one answer that is ours to make: reader, heartbeat and fan_out side by side, then one end."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from functions.shared.generations.claims import Fenced
from functions.shared.generations.failures import Failure
from functions.shared.generations.model import Generation, Outcome, Status
from functions.shared.log import Log
from functions.worker.answer_metrics import begin
from functions.worker.answer_text import AnswerText
from functions.worker.call_ledger import with_voids
from functions.worker.context import Context
from functions.worker.delivery import Delivery, Disposition
from functions.worker.heartbeat import BEAT, Heartbeat
from functions.worker.lease import Lease, LeaseLost, now
from functions.worker.leftovers import Leftovers
from functions.worker.memory import Question
from functions.worker.message_sequence import MessageSequence
from functions.worker.model_calls import MODEL_RETRY, ModelCalls, failed_outcome
from functions.worker.output_check import is_valid, judged
from functions.worker.ports import ContentStopped
from functions.worker.status_messages import OPENING, question_messages
from functions.worker.stopping import ended_or_stopped

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from functions.shared.budgets.model import LedgerLine
    from functions.shared.generations.response_format import ResponseFormat
    from functions.shared.measurements import Measurements
    from functions.shared.retry import Retry
    from functions.worker.answer_metrics import AnswerMetrics
    from functions.worker.ending import GenerationEnd
    from functions.worker.fanout import FanOut
    from functions.worker.memory import Memory
    from functions.worker.model_reader import ModelReader
    from functions.worker.output_check import IsValid
    from functions.worker.ports import Archive, Content, Transitions
    from functions.worker.settings import WorkerOptions
    from functions.worker.summaries import Summaries

logger = Log(__name__)

STEPPING_DOWN = 2 * BEAT
"""Seconds before a generation that somebody had before is asked for again. If our clock was wrong and that
worker lives, its next heartbeat tells it that it is the owner no more, and it stops its call to the model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerationRunner:
    """Makes answers."""

    transitions: Transitions
    archive: Archive
    memory: Memory
    summaries: Summaries
    reader: ModelReader
    options: WorkerOptions
    end: GenerationEnd
    measurements: Measurements
    content: Content | None = None
    """A deployment's own function that sees prompts and answers, if it has one."""
    is_valid: IsValid = is_valid
    """Says whether an answer has the form that was wanted."""
    retry: Retry = MODEL_RETRY
    clock: Callable[[], datetime] = now

    async def run(
        self, generation: Generation, delivery: Delivery, lease: Lease, *, until: float
    ) -> Disposition:
        """Make the answer, record how it ended, and tell everybody.

        Args:
            generation: As it was claimed.
            delivery: The message that brought it.
            lease: How long the claim holds.
            until: When to leave the rest to another worker, on the event loop's clock.
        """
        heartbeat = Heartbeat(
            generation=generation,
            answer=AnswerText(attempt=generation.attempt),
            transitions=self.transitions,
            lease=lease,
            options=self.options,
            delivery=delivery,
        )
        try:
            await self._run(heartbeat, until, begin(self.measurements, generation, now=self.clock()))
        except (Fenced, LeaseLost) as error:
            logger.warning("lost", reason=type(error).__name__)
            if isinstance(error, LeaseLost):
                await heartbeat.save()
            return Disposition.RETRY
        except TimeoutError:
            logger.warning("out of time")
            await heartbeat.hand_over()
            return Disposition.RETRY
        except Exception:
            await heartbeat.hand_over()
            raise
        return Disposition.ACK

    async def _run(self, heartbeat: Heartbeat, until: float, metrics: AnswerMetrics) -> None:
        generation, answer = heartbeat.generation, heartbeat.answer
        if generation.cancel_requested:
            answer.restore(*await asyncio.to_thread(self._leftovers.written, generation))
        outcome = self._ended_before_it_began(generation, answer)
        await heartbeat.extend_visibility()
        lost = await self.lines_of_lost(generation, below=generation.attempt)
        question = None if outcome else await self._question(generation)
        if question is None:
            outcome = outcome or Outcome(status=Status.CANCELLED, length=0)
            question = Question("")
        opening = () if outcome else (*question_messages(generation, question.prompt), *OPENING)
        sequence = MessageSequence(generation, answer, opening=opening)
        async with self.end.fan_out(sequence, heartbeat.lease).running() as fan_out:
            calls = self._model_calls(heartbeat, question, fan_out, metrics)
            if outcome is None:
                async with asyncio.timeout_at(until):
                    outcome = await ended_or_stopped(self._read(calls, question), heartbeat, calls)
            lines = with_voids([*lost, *calls.ledger.lines], shown=_shown(calls))
            outcome, ended = await heartbeat.finish(calls.completed(outcome, lines), lines)
            self.end.log(generation, answer.attempt, outcome)
            metrics.ended(outcome, answer.attempt, fan_out)
            answer.outcome, answer.chat_version = outcome, ended.chat_version
            await self.end.announce(generation, fan_out, following=ended.following)
        await self._summarise(heartbeat, calls.context, outcome, until)

    async def _summarise(
        self, heartbeat: Heartbeat, context: Context, outcome: Outcome, until: float
    ) -> None:
        """Prepare the chat for when it no longer fits. The answer was told: nothing waits for this."""
        summaries = self.summaries.of(heartbeat.generation.model)
        if (material := summaries.due(context, outcome, heartbeat.answer.text)) is not None:
            await heartbeat.delivery.delete()
            await summaries.make(heartbeat.generation, material, until=until)

    async def _question(self, generation: Generation) -> Question | None:
        """Read what is asked; None if it was deleted with its chat, as its end would be."""
        try:
            return await self.memory.question(generation)
        except KeyError:
            return None

    async def _read(self, calls: ModelCalls, question: Question) -> Outcome:
        generation = calls.generation
        context = await self.memory.context(generation, question)
        wanted = await self._form(generation)
        calls.context = replace(context, response_format=wanted)
        if self.content is not None:
            try:
                calls.context = await self.content.context(generation, calls.context)
            except ContentStopped:
                return failed_outcome(calls.answer, Failure.CONTENT_FILTERED, calls.context)
            calls.reader = self.content.reader(self.reader, generation)
        if generation.attempt > 1:
            await asyncio.sleep(STEPPING_DOWN)
        return await judged(await calls.outcome(), calls.answer.text, wanted, self.is_valid)

    async def _form(self, generation: Generation) -> ResponseFormat | None:
        if not generation.has_format:
            return None
        return await asyncio.to_thread(self.archive.response_format, generation)

    def _model_calls(
        self, heartbeat: Heartbeat, question: Question, fan_out: FanOut, metrics: AnswerMetrics
    ) -> ModelCalls:
        return ModelCalls(
            generation=heartbeat.generation,
            answer=heartbeat.answer,
            context=Context(prompt=question.prompt),
            reader=self.reader,
            options=self.options,
            retry=self.retry,
            restart=heartbeat.restart,
            notify=fan_out.notify,
            metrics=metrics,
        )

    async def lines_of_lost(self, generation: Generation, *, below: int) -> list[LedgerLine]:
        """What attempts below this one have used, whose workers are gone."""
        return await self._leftovers.lines(generation, below=below)

    @property
    def _leftovers(self) -> Leftovers:
        return Leftovers(archive=self.archive, memory=self.memory, options=self.options)

    def _ended_before_it_began(self, generation: Generation, answer: AnswerText) -> Outcome | None:
        if generation.cancel_requested:
            return Outcome(status=Status.CANCELLED, length=len(answer))
        if generation.attempt == 1 and self.clock() > generation.start_by:
            return Outcome(status=Status.FAILED, length=0, failure=Failure.EXPIRED)
        return None


def _shown(calls: ModelCalls) -> int:
    """The attempt whose text is shown: an earlier one's, where a stopped answer was not begun anew."""
    generation, answer = calls.generation, calls.answer
    is_taken_over = generation.cancel_requested and not calls.ledger.lines
    return generation.attempt - 1 if is_taken_over else answer.attempt
