"""What is measured of one answer that this worker makes: how long it took, and what it took."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from functions.shared.metrics import Metric

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from functions.shared.generations.model import Generation, Outcome
    from functions.shared.measurements import Measurements
    from functions.worker.fanout import FanOut
    from functions.worker.model import ModelFailed
    from functions.worker.reading import Reading


def _now() -> float:
    return asyncio.get_running_loop().time()


@dataclass(slots=True, kw_only=True)
class AnswerMetrics:
    """Measures one answer, from the worker's beginning on; times are of the event loop's clock."""

    measurements: Measurements
    waited: timedelta
    """From the prompt's acceptance to the beginning."""
    _began: float = field(default_factory=_now)
    _first_text: float | None = None
    _last_read: float = 0
    _pieces: int = 0

    def called(self, reading: Reading, failed: ModelFailed | None = None) -> None:
        """Note a call to the model that has ended."""
        self._last_read = _now()
        self._pieces += reading.pieces
        self._first_text = reading.first_text_at if self._first_text is None else self._first_text
        count_call(self.measurements, failed)

    def ended(self, outcome: Outcome, attempt: int, fan_out: FanOut) -> None:
        """Measure the answer; its end was recorded just now."""
        add = self.measurements.add
        add(Metric.ANSWER_TIME, _milliseconds(_now() - self._began))
        add(Metric.ATTEMPTS, attempt)
        if self._first_text is None:
            return
        seconds = self._first_text - self._began
        add(Metric.FIRST_TEXT_OF_WORKER, _milliseconds(seconds))
        add(Metric.FIRST_TEXT, _milliseconds(seconds + self.waited.total_seconds()))
        if fan_out.text_frames:
            add(Metric.MERGE_FACTOR, round(self._pieces * fan_out.readers / fan_out.text_frames, 2))
        if outcome.usage and self._last_read > self._first_text:
            rate = outcome.usage.completion_tokens / (self._last_read - self._first_text)
            add(Metric.TOKENS_PER_SECOND, round(rate, 1))


def begin(measurements: Measurements, generation: Generation, *, now: datetime) -> AnswerMetrics:
    """Begin to measure an answer. Only a first attempt tells how long its prompt waited for a worker."""
    waited = now - generation.created_at
    if generation.attempt == 1:
        measurements.add(Metric.QUEUE_WAIT, _milliseconds(waited.total_seconds()))
    return AnswerMetrics(measurements=measurements, waited=waited)


def count_call(measurements: Measurements, failed: ModelFailed | None) -> None:
    """Count a call to the model that has ended, whatever it was made for."""
    measurements.add(Metric.MODEL_CALLS)
    if failed is not None:
        measurements.add(Metric.MODEL_ERRORS, code=failed.failure.code, status=failed.status)


def _milliseconds(seconds: float) -> int:
    return max(round(seconds * 1000), 0)  # Two machines' clocks may differ.
