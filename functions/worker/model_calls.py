"""Asks the model for one answer, and asks again where that can help, in bounded number and time.

A call that fails before anything was shown is repeated within the same attempt, RETRIES times at most in
all; one that was too long for the model is repeated once, with less of the conversation. Once something was
shown, only a new attempt can take its place. A model that is not available before that gives its place to the
one that its row names, which begins with the same number of calls and a time of its own. So one worker makes
at most `max_attempts` + RETRIES calls for a generation, and as many for each further model.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from functions.shared.generations.failures import Failure
from functions.shared.generations.model import Outcome, Status
from functions.shared.log import Log
from functions.shared.retry import Retry
from functions.worker.call_ledger import CallLedger
from functions.worker.context_fitting import ContextFitting
from functions.worker.model import ModelFailed
from functions.worker.tracing import model_call

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from functions.shared.budgets.model import LedgerLine
    from functions.shared.generations.model import Generation
    from functions.worker.answer_metrics import AnswerMetrics
    from functions.worker.answer_text import AnswerText
    from functions.worker.context import Context
    from functions.worker.model_reader import ModelReader
    from functions.worker.reading import Ending, Reading
    from functions.worker.settings import WorkerOptions

logger = Log(__name__)

RETRIES = 2
"""How many calls of one generation may be repeated before they brought text."""
MODEL_RETRY = Retry(attempts=1 + RETRIES, first=1, longest=16, fixed=0.5)
"""Pauses go on growing in later attempts; none goes on until the first token is due."""


NOT_AVAILABLE = {Failure.UNAVAILABLE, Failure.RATE_LIMITED, Failure.TIMEOUT}
"""For these another model may be asked; what one refuses, the next one would refuse as well."""


@dataclass(slots=True, kw_only=True)
class ModelCalls:
    """The calls for one answer."""

    generation: Generation
    answer: AnswerText
    context: Context
    """What the model is given; less of it, once the model has said that it is too much."""
    reader: ModelReader
    options: WorkerOptions
    restart: Callable[[], Awaitable[None]]
    """Drops the text and begins the next attempt."""
    notify: Callable[[], None]
    metrics: AnswerMetrics
    retry: Retry = MODEL_RETRY
    model: str = field(init=False)
    """The one that is asked: another than was asked for, once that one was not available."""
    ledger: CallLedger = field(init=False)
    is_reading: bool = False
    """Whether a call is under way."""
    _failures: int = 0
    _retries: int = 0
    _refusal: ModelFailed | None = None
    """Why the latest call brought no text."""
    _begin_by: float = 0
    _is_halved: bool = False

    def __post_init__(self) -> None:
        self.model = self.generation.model
        self.ledger = CallLedger(model=self.model, options=self.options)

    async def outcome(self) -> Outcome:
        """Ask until there is a whole answer, or asking again would not help."""
        try:
            async with asyncio.timeout(self.options.generation_timeout.total_seconds()):
                ending = await self._ending()
        except TimeoutError:
            return failed_outcome(self.answer, Failure.TIMEOUT, self.context)
        except ModelFailed as failed:
            return failed_outcome(self.answer, failed.failure, self.context)
        return Outcome(
            status=Status.COMPLETED,
            length=len(self.answer),
            finish_reason=ending.finish_reason,
            usage=ending.usage,
            context=self.context.seen,
        )

    def completed(self, outcome: Outcome, lines: Iterable[LedgerLine]) -> Outcome:
        """Add to an end what was counted, and which model has answered if it was another one."""
        answered_by = self.answer.model if outcome.length else ""
        return replace(self.ledger.completed(outcome, lines), answered_by=answered_by)

    async def _ending(self) -> Ending:
        self._begin_by = self._time_to_begin()
        while True:
            try:
                return await self._call()
            except ModelFailed as failed:
                self._log(failed)
                if self.answer.is_stopped:
                    raise
                if self._shorten(failed):
                    continue
                try:
                    await self._prepare_another(failed)
                except ModelFailed:
                    if not self._falls_back(failed):
                        raise

    async def _call(self) -> Ending:
        logger.info("model asked", attempt=self.answer.attempt, model=self.model)
        reading = self.reader.reading(begin_by=self._begin_by)
        asked_at = asyncio.get_running_loop().time()
        with model_call(self.model, attempt=self.answer.attempt) as call:
            try:
                ending = await self._read(reading)
            except ModelFailed as failed:
                call.failed(failed.failure.code)
                raise
            finally:
                if reading.begun_at is not None:
                    call.began(reading.begun_at - asked_at)
            call.answered(ending)
        return ending

    async def _read(self, reading: Reading) -> Ending:
        failure = None
        self.is_reading = True
        try:
            return await self.reader.read(
                self.answer,
                self.context.conversation,
                model=self.model,
                notify=self.notify,
                reading=reading,
            )
        except ModelFailed as failed:
            failure = failed
            if reading.has_begun:
                self._begin_by = self._time_to_begin()
            elif failed.failure is Failure.TIMEOUT and not reading.is_alive and self._refusal is not None:
                # A server that refuses slowly is known to refuse, not to be silent.
                raise self._refusal from failed
            raise
        finally:
            self.is_reading = False
            self.metrics.called(reading, failure)
            self.ledger.called(
                reading,
                attempt=self.answer.attempt,
                context=self.context,
                text=self.answer.received,
                was_refused=failure is not None and failure.failure is not Failure.TIMEOUT,
            )

    def _shorten(self, failed: ModelFailed) -> bool:
        """Leave the older half of the turns out, once, if the model refuses more than we thought it takes."""
        if failed.failure is not Failure.CONTEXT_TOO_LONG or self.answer.is_begun or self._is_halved:
            return False
        less = self.context.without_oldest_half()
        if less is None or self._retries >= RETRIES:
            return False
        logger.warning("the context is too long", turns=len(self.context.conversation.turns))
        self.context, self._is_halved = less, True
        self._retries += 1
        self.answer.restart(self.answer.attempt)
        return True

    async def _prepare_another(self, failed: ModelFailed) -> None:
        """Pause before another call.

        Raises:
            ModelFailed: If it cannot help, no call is left, or no time in which it could bring an answer.
        """
        if not failed.worth_retrying:
            raise failed
        pause = self.retry.pause(self._failures, asked_for=failed.retry_after)
        self._failures += 1
        is_shown = self.answer.is_begun
        left = self.options.max_attempts - self.answer.attempt if is_shown else RETRIES - self._retries
        if left <= 0 or asyncio.get_running_loop().time() + pause >= self._begin_by:
            raise failed
        await asyncio.sleep(pause)
        if is_shown:
            await self.restart()
            self.notify()
            self._refusal = None
            self._begin_by = self._time_to_begin()
        else:
            self.answer.restart(self.answer.attempt)
            self._retries += 1
            self._refusal = failed

    def _falls_back(self, failed: ModelFailed) -> bool:
        """Go on with the model that may take this one's place, if this one is not available."""
        if self.answer.is_begun or failed.failure not in NOT_AVAILABLE:
            return False
        _, *others = self.options.table.chain(self.model)
        if not others:
            return False
        logger.warning("another model is asked", model=self.model, fallback=others[0].name)
        self.model = self.ledger.model = self.answer.model = others[0].name
        self.answer.restart(self.answer.attempt)
        self._failures = self._retries = 0
        self._refusal, self._is_halved = None, False
        self._begin_by = self._time_to_begin()
        self._fit()
        return True

    def _fit(self) -> None:
        """Leave turns out for which the model that is asked now has no room."""
        fitting = ContextFitting(self.options.of(self.model))
        if self.context.seen is not None and not fitting.fits(self.context):
            self.context = fitting.trimmed(self.context, None)

    def _time_to_begin(self) -> float:
        return asyncio.get_running_loop().time() + self.options.first_token_timeout.total_seconds()

    def _log(self, failed: ModelFailed) -> None:
        logger.warning(
            "the model failed",
            generation_id=self.generation.generation_id,
            model=self.model,
            code=failed.failure.code,
            attempt=self.answer.attempt,
            status=failed.status,
            error=failed.error,
            provider_code=failed.provider_code,
        )


def failed_outcome(answer: AnswerText, failure: Failure, context: Context) -> Outcome:
    """Say that an answer failed with the text that it has."""
    answer.end()
    return Outcome(status=Status.FAILED, length=len(answer), failure=failure, context=context.seen)
