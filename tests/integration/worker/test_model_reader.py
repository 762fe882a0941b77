"""Reading a real HTTP stream of either provider, well and badly."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest

from functions.shared.generations.failures import Failure
from functions.shared.generations.model import Usage
from functions.worker.answer_text import AnswerText
from functions.worker.conversation import Conversation
from functions.worker.model import Model, ModelFailed
from functions.worker.model_reader import ModelReader
from functions.worker.reading import Ending
from tests.integration.worker.conftest import BOTH, Server, model_at
from tests.unit.worker.builders import worker_options

pytestmark = BOTH
HELLO = ["Hel", "lo, ", "😀", "!"]


def plan(*faults: dict[str, Any] | None, deltas: list[str] | None = None) -> str:
    return json.dumps({"key": "k", "deltas": deltas or HELLO, "faults": list(faults)})


async def write(model: Model, prompt: str, **changes: Any) -> tuple[AnswerText, Ending]:
    answer = AnswerText(attempt=1)
    options = worker_options(first_token_timeout_seconds=1, stall_timeout_seconds=0.3)
    reader = ModelReader(model=model, options=replace(options, **changes))
    ending = await reader.read(answer, Conversation(prompt=prompt), model="m", notify=lambda: None)
    return answer, ending


async def test_a_good_answer_is_written_whole_with_its_token_counts(model: Model) -> None:
    answer, ending = await write(model, plan())

    assert answer.text == "Hello, 😀!"
    assert ending == Ending("stop", Usage(7, 4, 11))


async def test_an_answer_without_token_counts_is_whole(model: Model) -> None:
    answer, ending = await write(model, plan({"kind": "no_usage"}))

    assert (answer.text, ending) == ("Hello, 😀!", Ending("stop", None))


@pytest.mark.parametrize("reason", ["length", "content_filter"])
@pytest.mark.fault(87)
async def test_the_reason_to_stop_is_carried_on(model: Model, reason: str) -> None:
    _, ending = await write(model, plan({"kind": "finish", "reason": reason}))

    assert ending.finish_reason == reason


@pytest.mark.parametrize("kind", ["cut", "end", "malformed"])
@pytest.mark.parametrize("after", [0, 2, 4])
@pytest.mark.fault(83, 84)
async def test_a_stream_that_breaks_is_no_answer(model: Model, kind: str, after: int) -> None:
    with pytest.raises(ModelFailed) as failed:
        await write(model, plan({"kind": kind, "after": after}))

    assert failed.value.failure is Failure.INCOMPLETE
    assert failed.value.broke_off


@pytest.mark.parametrize("kind", ["error_object", "vllm_error"])
@pytest.mark.parametrize("after", [0, 2, 4])
@pytest.mark.fault(84)
async def test_an_error_in_the_stream_is_that_error(model: Model, kind: str, after: int) -> None:
    with pytest.raises(ModelFailed) as failed:
        await write(model, plan({"kind": kind, "after": after}))

    assert failed.value.failure is Failure.UNAVAILABLE
    assert failed.value.broke_off is (after > 0)


@pytest.mark.parametrize("kind", ["error_200", "html"])
@pytest.mark.fault(84)
async def test_a_page_instead_of_a_stream_is_no_answer(model: Model, kind: str) -> None:
    with pytest.raises(ModelFailed) as failed:
        await write(model, plan({"kind": kind}))

    assert failed.value.failure is Failure.INCOMPLETE


@pytest.mark.fault(82)
async def test_silence_before_the_first_piece_is_a_time_out(model: Model) -> None:
    with pytest.raises(ModelFailed) as failed:
        await write(model, plan({"kind": "hang"}))

    assert (failed.value.failure, failed.value.broke_off) == (Failure.TIMEOUT, False)


@pytest.mark.fault(82)
async def test_silence_between_pieces_is_a_time_out_of_a_stream_that_had_begun(
    model: Model,
) -> None:
    with pytest.raises(ModelFailed) as failed:
        await write(model, plan({"kind": "stall", "after": 2}))

    assert (failed.value.failure, failed.value.broke_off) == (Failure.TIMEOUT, True)


@pytest.mark.parametrize(
    ("code", "error", "failure"),
    [
        (400, {}, Failure.REJECTED),
        (400, {"code": "context_length_exceeded"}, Failure.CONTEXT_TOO_LONG),
        (400, {"code": "content_filter"}, Failure.CONTENT_FILTERED),
        (401, {}, Failure.REJECTED),
        (404, {}, Failure.REJECTED),
        (422, {}, Failure.REJECTED),
    ],
)
@pytest.mark.fault(81)
async def test_a_refusal_is_not_repeated(
    model: Model, server: Server, code: int, error: dict[str, Any], failure: Failure
) -> None:
    with pytest.raises(ModelFailed) as failed:
        await write(model, plan({"kind": "status", "code": code, "error": error}))

    assert failed.value.failure is failure
    assert len(server.model.calls) == 1
    assert "canary" not in str(failed.value)


@pytest.mark.fault(82)
async def test_nobody_listening_at_the_address_is_unavailable(provider: str) -> None:
    with pytest.raises(ModelFailed) as failed:
        await write(model_at("http://127.0.0.1:9/v1", provider), plan())

    assert failed.value.failure is Failure.UNAVAILABLE


@pytest.mark.fault(85)
async def test_an_endless_answer_is_cut_and_the_server_is_told_to_stop(model: Model, server: Server) -> None:
    prompt = plan({"kind": "endless", "after": 99})
    answer, ending = await write(model, prompt, max_answer_characters=500)

    assert (len(answer), ending.finish_reason) == (500, "length")
    while server.model.calls[0].ended is None:
        await asyncio.sleep(0.01)
    assert server.model.calls[0].aborted
