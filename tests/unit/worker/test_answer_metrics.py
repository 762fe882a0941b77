"""What an answer took, measured in the virtual time in which it was made."""

from __future__ import annotations

from datetime import timedelta

import pytest

from functions.shared.generations.failures import Failure
from functions.shared.generations.model import Usage
from functions.worker.model import ModelFailed, Piece
from tests.support.scripted_model import ALIVE, DONE, finish
from tests.unit.worker.builders import NOON
from tests.unit.worker.worker_in_memory import SLOW, WORDS, WorkerInMemory

pytestmark = pytest.mark.virtual_time


async def test_a_whole_answer_tells_its_waits_its_pace_and_its_tokens() -> None:
    usage = Piece(usage=Usage(prompt_tokens=7, completion_tokens=600, total_tokens=607))
    worker = WorkerInMemory(scripts=[[*SLOW[:-1], usage, DONE]])
    worker.accept(created_at=NOON - timedelta(seconds=3))

    await worker.work()

    measured = worker.measured()
    assert measured["GenerationsCompleted"] == measured["ModelCalls"] == measured["Attempts"] == 1
    assert measured["QueueWait"] == 3000
    assert measured["FirstTextOfWorker"] == pytest.approx(1000, abs=50)
    assert measured["FirstText"] == measured["FirstTextOfWorker"] + 3000
    assert measured["AnswerTime"] == pytest.approx(60_000, abs=500)
    assert (measured["PromptTokens"], measured["CompletionTokens"]) == (7, 600)
    assert measured["TokensPerSecond"] == pytest.approx(600 / (WORDS - 1), rel=0.02)
    assert measured["MergeFactor"] == pytest.approx(1, abs=0.1)


async def test_frames_that_hold_several_pieces_are_the_merge_factor() -> None:
    pieces = [step for n in range(100) for step in (0.01, f"w{n} ")]
    worker = WorkerInMemory(scripts=[[ALIVE, *pieces, finish(), DONE]])
    worker.accept()

    await worker.work()

    assert worker.measured()["MergeFactor"] == pytest.approx(
        10, abs=2
    )  # A piece each 10 ms, a frame each 100.


async def test_a_call_that_failed_is_told_by_code_and_status_and_the_next_one_counts() -> None:
    down = ModelFailed(Failure.UNAVAILABLE, broke_off=False, worth_retrying=True, status=503)
    worker = WorkerInMemory(scripts=[[down], SLOW])
    worker.accept()

    await worker.work()

    measured = worker.measured()
    assert (measured["ModelErrors"], measured["code"], measured["status"]) == (1, "llm_unavailable", "503")
    assert measured["ModelCalls"] == [1, 1]
    assert measured["GenerationsCompleted"] == 1


async def test_an_answer_that_failed_is_told_by_its_code() -> None:
    refused = ModelFailed(Failure.REJECTED, broke_off=False, status=401, error="sk-secret")
    worker = WorkerInMemory(scripts=[[refused]])
    worker.accept()

    await worker.work()

    measured = worker.measured()
    assert measured["GenerationsFailed"] == 1
    assert measured["code"] == "llm_rejected"
    assert "FirstText" not in measured
    assert "sk-secret" not in str(measured)


async def test_an_answer_that_its_user_stops_has_told_its_first_text() -> None:
    worker = WorkerInMemory()
    worker.accept()
    worker.at(5.5, worker.change(cancel_requested=True))

    await worker.work()

    measured = worker.measured()
    assert measured["GenerationsCancelled"] == 1
    assert measured["FirstTextOfWorker"] == pytest.approx(1000, abs=50)


async def test_a_prompt_that_was_stopped_before_it_began_tells_how_long_it_waited_and_no_more() -> None:
    worker = WorkerInMemory()
    worker.accept(created_at=NOON - timedelta(seconds=9), cancel_requested=True)

    await worker.work()

    measured = worker.measured()
    assert measured["QueueWait"] == 9000
    assert not {"ModelCalls", "FirstText", "MergeFactor"} & set(measured)


async def test_a_later_attempt_is_no_wait_for_a_worker() -> None:
    worker = WorkerInMemory(scripts=[SLOW])
    worker.accept(attempt=1, lease_until=NOON - timedelta(seconds=1))

    await worker.work()

    measured = worker.measured()
    assert measured["Attempts"] == 2
    assert "QueueWait" not in measured
