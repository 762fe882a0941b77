"""When a model is asked again, after which pause, how often at most, and what is told in the end."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from functions.shared.generations.failures import Failure
from functions.shared.generations.model import ContextSeen, Outcome, Status
from functions.shared.measurements import measurements_of
from functions.worker.answer_metrics import AnswerMetrics
from functions.worker.answer_text import AnswerText
from functions.worker.context import Context
from functions.worker.model import ModelFailed
from functions.worker.model_calls import MODEL_RETRY, RETRIES, ModelCalls, logger
from functions.worker.model_reader import ModelReader
from tests.support.scripted_model import (
    ALIVE,
    DONE,
    FOREVER,
    REASONING,
    ScriptedModel,
    Step,
    finish,
)
from tests.unit.worker.builders import generation, worker_options
from tests.unit.worker.conversations import history, turn

pytestmark = pytest.mark.virtual_time

BEGIN = 60.0
GOOD: list[Step] = [ALIVE, "Otters ", "hold.", finish(), DONE]


def refused(failure: Failure, *, retry_after: float | None = None, **facts: Any) -> ModelFailed:
    """A request that the server answered with an error."""
    return ModelFailed(failure, broke_off=False, worth_retrying=True, retry_after=retry_after, **facts)


BUSY = refused(Failure.RATE_LIMITED, status=429)
DOWN = refused(Failure.UNAVAILABLE, status=503)
CUT = ModelFailed(Failure.INCOMPLETE, broke_off=True, worth_retrying=True, error="ReadError")


@dataclass
class Asked:
    """One answer that is asked for."""

    scripts: list[list[Step]]
    generation_timeout: float = 600
    max_attempts: int = 3
    chance: float = 0
    context: Context = field(default_factory=lambda: Context(prompt="p"))
    answer: AnswerText = field(default_factory=lambda: AnswerText(attempt=1))
    told: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.model = ScriptedModel(self.scripts)

    async def outcome(self) -> Outcome:
        options = worker_options(
            first_token_timeout_seconds=BEGIN,
            generation_timeout_seconds=self.generation_timeout,
            max_attempts=self.max_attempts,
        )
        calls = ModelCalls(
            generation=generation(),
            answer=self.answer,
            context=self.context,
            reader=ModelReader(model=self.model, options=options),
            options=options,
            retry=replace(MODEL_RETRY, chance=lambda: self.chance),
            restart=self._restart,
            notify=lambda: self.told.append(self.answer.text),
            metrics=AnswerMetrics(measurements=measurements_of({}), waited=timedelta()),
        )
        return await calls.outcome()

    async def _restart(self) -> None:
        self.answer.restart(self.answer.attempt + 1)

    @property
    def pauses(self) -> list[float]:
        """Seconds between the calls, if they fail at once."""
        return [later - earlier for earlier, later in pairwise(self.model.called_at)]


def disposition(outcome: Outcome) -> str:
    return outcome.failure.code if outcome.failure else str(outcome.finish_reason)


@pytest.mark.parametrize("failed", [BUSY, DOWN, CUT], ids=["429", "503", "a cut"])
@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.fault(81)
async def test_a_call_that_failed_before_any_text_is_repeated_within_the_attempt(
    failed: ModelFailed, times: int
) -> None:
    refusals: list[list[Step]] = [[failed]] * times
    asked = Asked([*refusals, GOOD])

    outcome = await asked.outcome()

    assert (disposition(outcome), asked.answer.text, asked.answer.attempt) == ("stop", "Otters hold.", 1)
    assert len(asked.model.called_at) == 1 + times


@pytest.mark.parametrize("failed", [BUSY, DOWN], ids=["429", "503"])
@pytest.mark.fault(81)
async def test_a_server_that_refuses_again_and_again_is_given_up_with_what_it_said(
    failed: ModelFailed,
) -> None:
    asked = Asked([[failed]])

    outcome = await asked.outcome()

    assert disposition(outcome) == failed.failure.code
    assert len(asked.model.called_at) == 1 + RETRIES


@pytest.mark.parametrize(
    "failure",
    [Failure.REJECTED, Failure.CONTEXT_TOO_LONG, Failure.CONTENT_FILTERED, Failure.RATE_LIMITED],
)
@pytest.mark.fault(81)
async def test_what_cannot_help_is_not_repeated(failure: Failure) -> None:
    asked = Asked([[ModelFailed(failure, broke_off=False)]])

    outcome = await asked.outcome()

    assert (disposition(outcome), len(asked.model.called_at)) == (failure.code, 1)


@pytest.mark.fault(81)
async def test_the_time_that_a_server_asks_for_is_waited() -> None:
    asked = Asked([[refused(Failure.RATE_LIMITED, retry_after=33)], GOOD])

    outcome = await asked.outcome()

    assert (disposition(outcome), asked.pauses) == ("stop", [33])


@pytest.mark.parametrize("retry_after", [60, 3600])
@pytest.mark.fault(81)
async def test_a_longer_wait_than_is_left_is_told_at_once(retry_after: float) -> None:
    asked = Asked([[refused(Failure.RATE_LIMITED, retry_after=retry_after)]])

    outcome = await asked.outcome()

    assert disposition(outcome) == "llm_rate_limited"
    assert len(asked.model.called_at) == 1
    assert asyncio.get_running_loop().time() == 0


async def test_waits_add_up_to_no_more_than_the_time_to_begin() -> None:
    asked = Asked([[refused(Failure.RATE_LIMITED, retry_after=45)]])

    outcome = await asked.outcome()

    assert (disposition(outcome), asked.pauses) == ("llm_rate_limited", [45])


async def test_a_server_that_refuses_slowly_is_no_time_out() -> None:
    asked = Asked([[25, DOWN]])

    outcome = await asked.outcome()

    assert disposition(outcome) == "llm_unavailable"
    assert asyncio.get_running_loop().time() == BEGIN


@pytest.mark.fault(82)
async def test_a_model_that_never_begins_is_asked_once() -> None:
    asked = Asked([[ALIVE, FOREVER]])

    outcome = await asked.outcome()

    assert (disposition(outcome), len(asked.model.called_at)) == ("llm_timeout", 1)


@pytest.mark.parametrize(("chance", "pauses"), [(0, [0.5, 1]), (0.5, [0.75, 1.5]), (1, [1, 2])])
async def test_pauses_grow_and_vary(chance: float, pauses: list[float]) -> None:
    asked = Asked([[DOWN]], chance=chance)

    await asked.outcome()

    assert asked.pauses == pauses


async def test_pauses_between_attempts_grow_up_to_a_bound() -> None:
    asked = Asked([["Otters ", CUT]], max_attempts=8, chance=1)

    await asked.outcome()

    assert asked.pauses == [1, 2, 4, 8, 16, 16, 16]


@pytest.mark.parametrize("failed", [CUT, BUSY, DOWN], ids=["a cut", "429", "503"])
@pytest.mark.fault(86)
async def test_once_text_was_shown_only_a_new_attempt_takes_its_place(failed: ModelFailed) -> None:
    asked = Asked([["Seals ", failed], GOOD])

    outcome = await asked.outcome()

    assert (disposition(outcome), asked.answer.text, asked.answer.attempt) == ("stop", "Otters hold.", 2)


async def test_a_failure_that_will_come_again_is_not_repeated_after_text_either() -> None:
    asked = Asked([["Seals ", ModelFailed(Failure.CONTENT_FILTERED, broke_off=False)]])

    outcome = await asked.outcome()

    assert (disposition(outcome), asked.answer.text) == ("content_filtered", "Seals ")
    assert (outcome.length, asked.answer.attempt) == (len("Seals "), 1)


@pytest.mark.fault(65)
async def test_a_model_that_always_breaks_off_keeps_the_text_of_the_last_attempt() -> None:
    asked = Asked([["Seals ", CUT], ["Otters ", CUT]], max_attempts=2)

    outcome = await asked.outcome()

    assert (disposition(outcome), asked.answer.text, asked.answer.attempt) == ("llm_incomplete", "Otters ", 2)


async def test_the_number_of_calls_is_bounded_whatever_goes_wrong() -> None:
    asked = Asked([[DOWN], ["Seals ", CUT], [REASONING, CUT], ["Seals ", CUT], ["Seals ", CUT]])

    outcome = await asked.outcome()

    assert disposition(outcome) == "llm_incomplete"
    assert len(asked.model.called_at) == asked.max_attempts + RETRIES


async def test_a_model_that_broke_off_while_it_reasoned_has_the_whole_time_to_begin_again() -> None:
    asked = Asked([[50, REASONING, 25, REASONING, CUT], [50, *GOOD]])

    outcome = await asked.outcome()

    assert (disposition(outcome), asked.answer.attempt) == ("stop", 1)


async def test_half_a_character_of_a_call_that_failed_does_not_get_into_the_next() -> None:
    asked = Asked([["\ud83e", CUT], ["\udda6 Otters.", finish()]])

    await asked.outcome()

    assert asked.answer.text == "\ufffd Otters."


@pytest.mark.fault(82)
async def test_an_answer_that_takes_too_long_is_timed_out_with_its_text() -> None:
    slow: list[Step] = [step for _ in range(100) for step in ("otters ", 10.0)]
    asked = Asked([slow], generation_timeout=95)

    outcome = await asked.outcome()

    assert (outcome.status, disposition(outcome)) == (Status.FAILED, "llm_timeout")
    assert asked.answer.text == "otters " * 10
    assert asked.model.closed == 1


async def test_keep_alives_end_with_the_generations_own_limit() -> None:
    asked = Asked([[step for _ in range(1000) for step in (10.0, ALIVE)]])

    outcome = await asked.outcome()

    assert disposition(outcome) == "llm_timeout"
    assert asyncio.get_running_loop().time() == 600


TOO_LONG = ModelFailed(Failure.CONTEXT_TOO_LONG, broke_off=False, status=400)


def long_context(turns: int = 4) -> Context:
    given = history(*(turn(number) for number in range(1, 2 * turns, 2)))
    return Context(prompt="p", number=99, history=given, seen=ContextSeen(turns=turns))


async def test_a_conversation_that_is_too_long_is_sent_once_more_without_its_older_half() -> None:
    asked = Asked([[TOO_LONG], GOOD], context=long_context())

    outcome = await asked.outcome()

    assert (disposition(outcome), asked.answer.text, asked.pauses) == ("stop", "Otters hold.", [0])
    assert [len(sent.turns) for sent in asked.model.conversations] == [4, 2]
    assert outcome.context == ContextSeen(turns=2, dropped=2, from_number=5)


@pytest.mark.parametrize("turns", [0, 4])
async def test_what_is_too_long_even_so_is_told_at_once(turns: int) -> None:
    asked = Asked([[TOO_LONG]], context=long_context(turns))

    outcome = await asked.outcome()

    assert disposition(outcome) == "context_too_long"
    assert len(asked.model.conversations) == (2 if turns else 1)


async def test_a_shorter_conversation_counts_as_a_repeated_call() -> None:
    asked = Asked([[DOWN], [DOWN], [TOO_LONG]], context=long_context())

    outcome = await asked.outcome()

    assert (disposition(outcome), len(asked.model.called_at)) == ("context_too_long", 1 + RETRIES)


async def test_a_conversation_is_not_shortened_once_text_was_shown() -> None:
    asked = Asked([["Seals ", TOO_LONG]], context=long_context())

    outcome = await asked.outcome()

    assert (disposition(outcome), asked.answer.text) == ("context_too_long", "Seals ")
    assert outcome.context == ContextSeen(turns=4)


@pytest.mark.parametrize("script", [GOOD, [DOWN]])
async def test_every_end_tells_what_the_model_was_given(script: list[Step]) -> None:
    outcome = await Asked([script], context=long_context()).outcome()

    assert outcome.context == ContextSeen(turns=4)


async def test_the_log_tells_what_an_operator_needs_and_nothing_that_the_provider_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lines: list[dict[str, Any]] = []
    monkeypatch.setattr(logger, "warning", lambda message, **fields: lines.append({"": message, **fields}))
    failed = ModelFailed(
        Failure.REJECTED, broke_off=False, status=404, error="NotFoundError", provider_code="model_not_found"
    )

    await Asked([[failed]]).outcome()

    assert lines == [
        {
            "": "the model failed",
            "generation_id": "g1",
            "model": "stand-in",
            "code": "llm_rejected",
            "attempt": 1,
            "status": 404,
            "error": "NotFoundError",
            "provider_code": "model_not_found",
        }
    ]
