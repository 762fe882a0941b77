"""What each call of the model is noted with: the provider's count, or an estimate that says so."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from functions.shared.budgets.model import LedgerLine
from functions.shared.budgets.prices import Prices
from functions.shared.generations.failures import Failure
from functions.shared.generations.model import Outcome, Status, Usage
from functions.shared.measurements import measurements_of
from functions.worker.answer_metrics import AnswerMetrics
from functions.worker.answer_text import AnswerText
from functions.worker.call_ledger import cost_of, with_voids
from functions.worker.context import Context
from functions.worker.model import ModelFailed, Piece
from functions.worker.model_calls import MODEL_RETRY, ModelCalls
from functions.worker.model_reader import ModelReader
from functions.worker.stopping import READING_ON, read_on
from tests.support.ledgers import line
from tests.support.scripted_model import ALIVE, COUNTS, DONE, REASONING, ScriptedModel, Step, finish
from tests.unit.worker.builders import generation, worker_options

pytestmark = pytest.mark.virtual_time

OPTIONS = worker_options(llm_prices=Prices().parse("stand-in=1/0.5/2"), llm_system_prompt="Be brief.")
SENT = (3 + 4) + (2 + 4)
"""Estimated for `Be brief.` and for `otter`, each a message."""
CUT = ModelFailed(Failure.INCOMPLETE, broke_off=True, worth_retrying=True)
BUSY = ModelFailed(Failure.RATE_LIMITED, broke_off=False, worth_retrying=True, status=429)
FATAL = ModelFailed(Failure.REJECTED, broke_off=False)


@dataclass
class Answering:
    """One answer that is asked for, and what its calls are noted with."""

    scripts: list[list[Step]]
    answer: AnswerText = field(default_factory=lambda: AnswerText(attempt=1))

    def __post_init__(self) -> None:
        self.model = ScriptedModel(self.scripts)
        self.calls = ModelCalls(
            generation=generation(),
            answer=self.answer,
            context=Context(prompt="otter"),
            reader=ModelReader(model=self.model, options=OPTIONS),
            options=OPTIONS,
            retry=replace(MODEL_RETRY, chance=lambda: 0),
            restart=self._restart,
            notify=lambda: None,
            metrics=AnswerMetrics(measurements=measurements_of({}), waited=timedelta()),
        )
        self.ledger = self.calls.ledger

    async def lines(self) -> list[LedgerLine]:
        """Ask, and return the lines as they are settled."""
        await self.calls.outcome()
        return with_voids(self.ledger.lines, shown=self.answer.attempt)

    async def stopped(self, *, after: float) -> float:
        """Let the user stop it. Returns how long the stream was read on."""
        reader = asyncio.create_task(self.calls.outcome())
        await asyncio.sleep(after)
        now = asyncio.get_running_loop().time
        began = now()
        await read_on(reader, self.calls)
        took = now() - began
        reader.cancel()
        await asyncio.gather(reader, return_exceptions=True)
        return took

    async def _restart(self) -> None:
        self.answer.restart(self.answer.attempt + 1)


def noted(
    input_tokens: int, output_tokens: int, *, attempt: int = 1, call: int = 1, **flags: Any
) -> LedgerLine:
    """A line at a dollar for a million tokens of input, and two for output."""
    micros = input_tokens + 2 * output_tokens
    return LedgerLine(
        attempt=attempt,
        call=call,
        model="stand-in",
        input_tokens=input_tokens,
        output_tokens=output_tokens,
        micros=micros,
        **flags,
    )


async def test_a_whole_answer_is_noted_with_the_providers_count() -> None:
    assert await Answering([[ALIVE, "Otters.", finish(), COUNTS, DONE]]).lines() == [noted(7, 4)]


async def test_a_provider_that_counts_nothing_is_estimated() -> None:
    [line_] = await Answering([[ALIVE, "Otters.", finish(), DONE]]).lines()

    assert line_ == noted(SENT, 3, is_estimate=True)


async def test_counts_of_zero_beside_a_text_are_no_counts() -> None:
    zeros = Piece(usage=Usage(0, 0, 0))

    assert (await Answering([["Otters.", finish(), zeros, DONE]]).lines())[0].is_estimate


async def test_a_count_that_came_before_the_text_is_only_the_prompts() -> None:
    first = Piece(usage=Usage(5, 1, 6, cached_tokens=2))

    [line_] = await Answering([[first, "Otters", " hold.", CUT], [FATAL]]).lines()

    assert (line_.input_tokens, line_.output_tokens, line_.cached_tokens) == (5, 4, 2)
    assert line_.is_estimate


async def test_cached_and_reasoning_tokens_are_noted_apart() -> None:
    usage = Piece(usage=Usage(10, 20, 30, cached_tokens=6, reasoning_tokens=15))

    [line_] = await Answering([[REASONING, "Otters.", finish(), usage, DONE]]).lines()

    assert (line_.cached_tokens, line_.reasoning_tokens, line_.micros) == (6, 15, 4 + 3 + 40)


async def test_a_call_that_was_refused_has_used_nothing() -> None:
    assert await Answering([[BUSY], ["Otters.", finish(), COUNTS, DONE]]).lines() == [noted(7, 4)]


async def test_an_attempt_that_broke_off_is_void_once_another_takes_its_place() -> None:
    lines = await Answering([["Otters", CUT], ["Otters.", finish(), COUNTS, DONE]]).lines()

    assert lines == [noted(SENT, 2, is_estimate=True, is_void=True), noted(7, 4, attempt=2)]


async def test_a_call_that_is_repeated_in_the_same_attempt_is_void_too() -> None:
    lines = await Answering([[REASONING, CUT], ["Otters.", finish(), COUNTS, DONE]]).lines()

    assert [(each.attempt, each.call, each.is_void) for each in lines] == [(1, 1, True), (1, 2, False)]


async def test_an_answer_that_broke_off_at_last_was_used_all_the_same() -> None:
    lines = await Answering([["Ott", CUT], ["Otte", CUT], ["Otter", CUT]]).lines()

    assert [each.is_void for each in lines] == [True, True, False]


async def test_a_stopped_stream_is_read_on_for_its_counts_and_shows_no_more() -> None:
    answering = Answering([["Otters ", 0.6, "hold ", 0.6, "hands.", finish(), COUNTS, DONE, 60.0]])

    assert await answering.stopped(after=0.5) == pytest.approx(0.7)

    assert answering.answer.text == "Otters "
    assert answering.ledger.lines == [noted(7, 4)]
    stopped = answering.ledger.completed(Outcome(status=Status.CANCELLED, length=7), answering.ledger.lines)
    assert (stopped.usage, stopped.cost) == (Usage(7, 4, 11), 15)


async def test_a_stopped_stream_that_goes_on_is_left_after_a_moment_and_estimated() -> None:
    answering = Answering([["Otters ", 1.0, "hold ", 60.0]])

    assert await answering.stopped(after=0.5) == pytest.approx(READING_ON)

    assert answering.answer.text == "Otters "
    assert answering.ledger.lines == [noted(SENT, 4, is_estimate=True)]
    stopped = answering.ledger.completed(Outcome(status=Status.CANCELLED, length=7), answering.ledger.lines)
    assert stopped.usage is None
    assert answering.model.closed == 1


async def test_a_stopped_call_that_had_not_begun_is_estimated_by_its_prompt() -> None:
    answering = Answering([[60.0]])

    await answering.stopped(after=0.5)

    assert answering.ledger.lines == [noted(SENT, 0, is_estimate=True)]


async def test_a_stopped_stream_that_breaks_off_is_not_begun_anew() -> None:
    answering = Answering([["Otters ", 1.0, CUT], ["never", finish(), DONE]])

    await answering.stopped(after=0.5)

    assert len(answering.model.called_at) == 1
    assert answering.answer.text == "Otters "


async def test_between_two_calls_nothing_is_waited_for() -> None:
    answering = Answering([[BUSY], ["never", finish(), DONE]])

    assert await answering.stopped(after=0.1) == 0
    assert len(answering.model.called_at) == 1


def test_the_attempt_whose_text_is_shown_is_the_one_that_counts() -> None:
    lines = [line(1), line(2), line(3)]

    assert [each.is_void for each in with_voids(lines, shown=3)] == [True, True, False]
    assert [each.is_void for each in with_voids(lines[:1], shown=2)] == [True]
    assert with_voids([], shown=1) == []


def test_an_answer_costs_what_its_user_has_of_it() -> None:
    assert cost_of([line(1, is_void=True), line(2)]) == 30
    assert cost_of([line(1, micros=None)]) is None
    assert cost_of([]) is None
