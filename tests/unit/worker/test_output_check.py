"""Whether an answer has the form that was wanted, and what becomes of one that has not."""

from __future__ import annotations

from typing import Any

import pytest

from functions.shared.generations.failures import Failure
from functions.shared.generations.model import Outcome, Status, Usage
from functions.shared.generations.response_format import ResponseFormat, format_text
from functions.worker import output_process
from functions.worker.output_check import NotJudged, is_valid, judged

OTTER = {
    "type": "object",
    "properties": {"name": {"type": "string", "pattern": "^[A-Z]"}},
    "required": ["name"],
    "additionalProperties": False,
}
OBJECT = ResponseFormat('{"type":"json_object"}')
WHOLE = Outcome(status=Status.COMPLETED, length=2, finish_reason="stop", usage=Usage(1, 2, 3))


def wanted(schema: Any) -> ResponseFormat:
    return ResponseFormat(
        format_text({"type": "json_schema", "json_schema": {"name": "x", "schema": schema}})
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("form", "text"),
    [
        (wanted(OTTER), ' {"name": "Ada"}\n'),
        (wanted({"type": "integer"}), "7"),
        (OBJECT, '{"\\ud83d\\ude00": 1e2}'),
    ],
)
async def test_a_text_in_the_form_that_was_wanted_is_valid(form: ResponseFormat, text: str) -> None:
    assert await is_valid(text, form)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("form", "text"),
    [
        (wanted(OTTER), '{"name": "ada"}'),
        (wanted(OTTER), '```json\n{"name": "Ada"}\n```'),
        (wanted(OTTER), '{"name": "Ada"'),
        (OBJECT, '{"ü": NaN}'),
        (OBJECT, "[]"),
        (OBJECT, '{"a": 1, "a": 2}'),
    ],
)
async def test_a_text_in_another_form_is_not(form: ResponseFormat, text: str) -> None:
    assert not await is_valid(text, form)


@pytest.mark.slow
async def test_a_schema_that_would_take_for_ever_is_given_up() -> None:
    doubled = {
        f"d{n}": {"allOf": [{"$ref": f"#/$defs/d{n - 1}"}, {"$ref": f"#/$defs/d{n - 1}"}]}
        for n in range(1, 60)
    }
    schema = {"$ref": "#/$defs/d59", "$defs": {"d0": {"type": "integer"}, **doubled}}

    assert not await is_valid("7", wanted(schema))


@pytest.mark.slow
async def test_a_process_that_fails_has_not_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(output_process, "__name__", "functions.worker.no_such_module")

    with pytest.raises(NotJudged):
        await is_valid("{}", OBJECT)


async def yes(text: str, form: ResponseFormat) -> bool:
    return True


async def no(text: str, form: ResponseFormat) -> bool:
    return False


async def broken(text: str, form: ResponseFormat) -> bool:
    raise NotJudged("canary")


async def test_an_answer_in_its_form_is_complete() -> None:
    assert await judged(WHOLE, "{}", OBJECT, yes) == WHOLE


async def test_any_text_is_complete_where_no_form_is_wanted() -> None:
    assert await judged(WHOLE, "x", None, no) == WHOLE


@pytest.mark.parametrize("status", [Status.CANCELLED, Status.FAILED])
async def test_an_answer_that_is_not_complete_is_not_judged(status: Status) -> None:
    outcome = Outcome(status=status, length=2)

    assert await judged(outcome, "x", OBJECT, no) == outcome


async def test_an_answer_in_another_form_has_failed_and_keeps_what_it_has_used() -> None:
    outcome = await judged(WHOLE, "x", OBJECT, no)

    assert (outcome.status, outcome.failure) == (Status.FAILED, Failure.INVALID_OUTPUT)
    assert (outcome.length, outcome.usage, outcome.finish_reason) == (2, WHOLE.usage, "stop")


@pytest.mark.parametrize("word", ["length", "max_tokens"])
async def test_an_answer_that_was_cut_is_not_in_its_form(word: str) -> None:
    outcome = await judged(Outcome(status=Status.COMPLETED, length=2, finish_reason=word), "{}", OBJECT, yes)

    assert outcome.failure is Failure.INVALID_OUTPUT


async def test_a_fault_of_ours_is_not_the_models() -> None:
    outcome = await judged(WHOLE, "{}", OBJECT, broken)

    assert (outcome.status, outcome.failure) == (Status.FAILED, Failure.INTERNAL)
