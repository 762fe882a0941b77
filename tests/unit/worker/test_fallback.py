"""When another model answers in the place of the one that was asked for, and what is told of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from functions.shared.generations.failures import Failure
from functions.shared.generations.model import ContextSeen, Outcome, Status
from functions.shared.measurements import measurements_of
from functions.shared.models.table import Models
from functions.worker.answer_metrics import AnswerMetrics
from functions.worker.answer_text import AnswerText
from functions.worker.call_ledger import with_voids
from functions.worker.context import Context
from functions.worker.cursor import Cursor
from functions.worker.end_metrics import count_end
from functions.worker.message_sequence import MessageSequence
from functions.worker.model import ModelFailed
from functions.worker.model_calls import MODEL_RETRY, RETRIES, ModelCalls
from functions.worker.model_reader import ModelReader
from functions.worker.status_messages import OPENING
from tests.support.measured import measured
from tests.support.scripted_model import ALIVE, DONE, FOREVER, ScriptedModel, Step, finish
from tests.unit.worker.builders import NOON, generation, worker_options
from tests.unit.worker.conversations import history, turn
from tests.unit.worker.test_model_calls import BEGIN, BUSY, CUT, DOWN, disposition

pytestmark = pytest.mark.virtual_time

GOOD: list[Step] = [ALIVE, "Otters ", "hold.", finish(), DONE]
SILENT: list[Step] = [FOREVER]
ROWS: dict[str, Any] = {
    "large": {"fallback": "small", "price": "3/3/3"},
    "small": {"fallback": "tiny", "price": "1/1/1"},
    "tiny": {"context_tokens": 700},
    "alone": {},
}


@dataclass
class Asked:
    """One answer, and what each model says, call by call; the last script again and again."""

    scripts: dict[str, list[list[Step]]]
    model: str = "large"
    context: Context = field(default_factory=lambda: Context(prompt="p"))
    answer: AnswerText = field(default_factory=lambda: AnswerText(attempt=1))

    def __post_init__(self) -> None:
        self.models = {name: ScriptedModel(scripts) for name, scripts in self.scripts.items()}
        self.calls: list[str] = []
        self.attempts = self._calls()

    def pieces(self, conversation: Any, *, model: str) -> Any:
        self.calls.append(model)
        return self.models[model].pieces(conversation, model=model)

    def _calls(self) -> ModelCalls:
        options = worker_options(first_token_timeout_seconds=BEGIN, models=Models().parse(ROWS))
        return ModelCalls(
            generation=generation(model=self.model),
            answer=self.answer,
            context=self.context,
            reader=ModelReader(model=self, options=options),
            options=options,
            retry=replace(MODEL_RETRY, chance=lambda: 0),
            restart=self._restart,
            notify=lambda: None,
            metrics=AnswerMetrics(measurements=measurements_of({}), waited=timedelta()),
        )

    async def _restart(self) -> None:
        self.answer.restart(self.answer.attempt + 1)

    async def outcome(self) -> Outcome:
        outcome = await self.attempts.outcome()
        lines = with_voids(self.attempts.ledger.lines, shown=self.answer.attempt)
        return self.attempts.completed(outcome, lines)


@pytest.mark.parametrize(
    ("script", "calls"),
    [([DOWN], 1 + RETRIES), ([BUSY], 1 + RETRIES), (SILENT, 1), ([ALIVE, FOREVER], 1)],
    ids=["not reached", "busy", "silent", "no text in time"],
)
async def test_a_model_that_is_not_available_before_its_first_text_gives_its_place_to_the_next(
    script: list[Step], calls: int
) -> None:
    asked = Asked({"large": [script], "small": [GOOD]})

    outcome = await asked.outcome()

    assert (disposition(outcome), asked.answer.text, outcome.answered_by) == ("stop", "Otters hold.", "small")
    assert asked.calls == ["large"] * calls + ["small"]
    assert asked.answer.attempt == 1


@pytest.mark.parametrize(("script", "answers"), [([DOWN], 1), (GOOD, None)], ids=["a fallback", "it"])
async def test_answers_of_another_model_than_was_asked_for_are_counted(
    script: list[Step], answers: int | None
) -> None:
    asked, measurements = Asked({"large": [script], "small": [GOOD]}), measurements_of({})

    count_end(await asked.outcome(), measurements=measurements)

    assert measured(measurements).get("FallbackAnswers") == answers


async def test_each_model_is_asked_again_as_often_and_has_a_time_to_begin_of_its_own() -> None:
    asked = Asked({"large": [SILENT], "small": [[DOWN]], "tiny": [[BEGIN - 1, *GOOD]]})

    outcome = await asked.outcome()

    assert (disposition(outcome), outcome.answered_by) == ("stop", "tiny")
    assert asked.calls == ["large", *["small"] * (1 + RETRIES), "tiny"]


async def test_the_last_model_fails_with_what_it_said() -> None:
    asked = Asked({"large": [[DOWN]], "small": [[DOWN]], "tiny": [[BUSY]]})

    outcome = await asked.outcome()

    assert (disposition(outcome), outcome.answered_by) == ("llm_rate_limited", "")
    assert len(asked.calls) == 3 * (1 + RETRIES)


@pytest.mark.parametrize(
    "failure",
    [
        Failure.REJECTED,
        Failure.CONTENT_FILTERED,
        Failure.CONTEXT_TOO_LONG,
        Failure.INCOMPLETE,
        Failure.INTERNAL,
    ],
)
async def test_what_one_model_refuses_no_other_is_asked(failure: Failure) -> None:
    asked = Asked({"large": [[ModelFailed(failure, broke_off=False)]], "small": [GOOD]})

    outcome = await asked.outcome()

    assert (disposition(outcome), asked.calls, outcome.answered_by) == (failure.code, ["large"], "")


async def test_once_text_was_shown_the_same_model_goes_on() -> None:
    asked = Asked({"large": [["Seals ", DOWN]], "small": [GOOD]})

    outcome = await asked.outcome()

    assert (disposition(outcome), asked.answer.text) == ("llm_unavailable", "Seals ")
    assert set(asked.calls) == {"large"}


async def test_a_later_attempt_may_be_another_model_s_before_it_has_shown_text() -> None:
    asked = Asked({"large": [["Seals ", CUT], [DOWN]], "small": [GOOD]})

    outcome = await asked.outcome()

    assert (asked.answer.text, asked.answer.attempt, outcome.answered_by) == ("Otters hold.", 2, "small")


async def test_a_model_without_a_fallback_fails_as_it_did() -> None:
    asked = Asked({"alone": [[DOWN]]}, model="alone")

    outcome = await asked.outcome()

    assert (disposition(outcome), outcome.answered_by) == ("llm_unavailable", "")


async def test_a_prompt_that_its_user_stopped_is_not_given_to_another_model() -> None:
    asked = Asked({"large": [[5, DOWN]], "small": [GOOD]})
    asked.answer.stop()

    outcome = await asked.outcome()

    assert (disposition(outcome), asked.calls) == ("llm_unavailable", ["large"])


async def test_each_call_is_a_line_of_the_model_that_was_asked_at_its_price() -> None:
    asked = Asked({"large": [[ALIVE, FOREVER]], "small": [GOOD]})

    outcome = await asked.outcome()

    lines = with_voids(asked.attempts.ledger.lines, shown=1)
    assert [(line.model, line.is_void) for line in lines] == [("large", True), ("small", False)]
    assert lines[1].micros == lines[1].input_tokens + lines[1].output_tokens
    assert outcome.cost == lines[1].micros


async def test_turns_for_which_the_next_model_has_no_room_are_left_out() -> None:
    turns = [turn(number) for number in range(1, 60, 2)]
    given = Context(prompt="p", number=99, history=history(*turns), seen=ContextSeen(turns=30), tokens=3000)
    asked = Asked({"large": [[DOWN]], "small": [[DOWN]], "tiny": [GOOD]}, context=given)

    outcome = await asked.outcome()

    assert len(asked.models["small"].conversations[-1].turns) == 30
    assert len(asked.models["tiny"].conversations[-1].turns) < 30
    assert outcome.context is not None
    assert outcome.context.dropped > 0


def told(sequence: MessageSequence) -> Iterator[dict[str, Any]]:
    position = Cursor()
    while (following := sequence.after(position, now=NOON)) is not None:
        yield json.loads(following.data)
        position = following.then


def messages(outcome: Outcome, *, model: str = "") -> list[dict[str, Any]]:
    answer = AnswerText(attempt=1, outcome=outcome, model=model)
    answer.append("Otters")
    return list(told(MessageSequence(generation(model="large"), answer, opening=OPENING)))


COMPLETED = Outcome(status=Status.COMPLETED, length=6, finish_reason="stop")


@pytest.mark.parametrize("known_to_worker", ["small", ""])
def test_frames_and_the_response_name_the_model_that_answers(known_to_worker: str) -> None:
    said = messages(replace(COMPLETED, answered_by="small"), model=known_to_worker)

    frames = [message["frame"] for message in said if message["type"] == "llm_frame"]
    assert [frame.get("model") for frame in frames] == [None, "small"]
    assert said[-2]["data"]["model"] == "small"


def test_a_frame_of_the_model_that_was_asked_for_says_nothing_of_models() -> None:
    said = messages(COMPLETED)

    assert all("model" not in message["frame"] for message in said if message["type"] == "llm_frame")
    assert said[-2]["data"]["model"] == "large"
