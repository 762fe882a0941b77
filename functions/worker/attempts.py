"""Asks the model for one answer, and asks again where that can help, in bounded number and time.

A call that fails before anything was shown is repeated within the same attempt, RETRIES times at most in
all; one that was too long for the model is repeated once, with less of the conversation. Once text or
reasoning was shown, only a new attempt can take its place. So one worker makes at most `max_attempts` +
RETRIES calls for a generation.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from functions.shared.generations.failures import Failure
from functions.shared.generations.model import Outcome, Status
from functions.shared.log import Log
from functions.shared.retry import Retry
from functions.worker.call_ledger import CallLedger
from functions.worker.model import ModelFailed
from functions.worker.tracing import model_call

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

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
ASKED_AGAIN = Retry(attempts=1 + RETRIES, first=1, longest=16, fixed=0.5)
"""Pauses go on growing in later attempts; none goes on until the first token is due."""


@dataclass(slots=True, kw_only=True)
class Attempts:
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
    retry: Retry = ASKED_AGAIN
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
        self.ledger = CallLedger(model=self.generation.model, options=self.options)

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
                if not failed.worth_retrying:
                    raise
                await self._prepare_another(failed)

    async def _call(self) -> Ending:
        logger.info("model asked", attempt=self.answer.attempt, model=self.generation.model)
        reading = self.reader.reading(begin_by=self._begin_by)
        asked_at = asyncio.get_running_loop().time()
        with model_call(self.generation.model, attempt=self.answer.attempt) as call:
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
                model=self.generation.model,
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
            ModelFailed: If there is no call left, or no time in which it could bring an answer.
        """
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

    def _time_to_begin(self) -> float:
        return asyncio.get_running_loop().time() + self.options.first_token_timeout.total_seconds()

    def _log(self, failed: ModelFailed) -> None:
        logger.warning(
            "the model failed",
            generation_id=self.generation.generation_id,
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
