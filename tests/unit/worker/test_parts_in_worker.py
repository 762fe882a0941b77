"""Reasoning, sources and data on their way through a worker: told at once, stored, the same everywhere."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from functions.shared.generations.failures import Failure
from functions.shared.generations.model import Status
from functions.shared.generations.parts import StoredPart
from functions.worker.delivery import Disposition
from functions.worker.model import Extra, ModelFailed, Piece
from functions.worker.settings import WorkerOptions
from tests.support.scripted_model import DONE, Step, finish
from tests.unit.worker.worker_in_memory import OPTIONS, WorkerInMemory, seconds

pytestmark = pytest.mark.virtual_time

OTTER = Extra("source", '{"url":"https://o.example"}')
WEATHER = Extra("data", '{"name":"weather","value":4}')
SAID: list[Step] = [
    *(Piece(reasoning=f"r{n} ") for n in range(4)),
    *("Otters ", "hold ", Piece(extras=(OTTER,)), "hands", Piece(".", extras=(OTTER, WEATHER))),
]
WHOLE: list[Step] = [*SAID, finish(), DONE]
PARTS = [
    (0, "reasoning", 0, "r0 r1 r2 r3 "),
    (2, "source", 12, OTTER.text),
    (4, "data", 18, WEATHER.text),
]
CUT = ModelFailed(Failure.INCOMPLETE, broke_off=True, worth_retrying=True)


def slowly(steps: list[Step]) -> list[Step]:
    return [each for step in steps for each in (step, 0.4)]


def told(worker: WorkerInMemory, *, attempt: int) -> list[tuple[int, str, int, str]]:
    """The parts that the socket has, by the rules of the contract."""
    parts: dict[int, tuple[int, str, int, str]] = {}
    for message in worker.gateway.delivered["a"]:
        if message["type"] != "llm_part" or message["attempt"] != attempt:
            continue
        part = message["part"]
        index, kind, text_offset, text = parts.get(
            part["index"], (part["index"], part["kind"], part["text_offset"], "")
        )
        assert part["offset"] == len(text)
        parts[index] = index, kind, text_offset, text + part["delta"]
    return list(parts.values())


def stored(worker: WorkerInMemory) -> list[tuple[int, str, int, str | None]]:
    parts: list[StoredPart] = worker.table.parts(worker.record)
    return [(part.index, part.kind, part.text_offset, part.text) for part in parts]


async def test_parts_are_told_and_stored() -> None:
    worker = WorkerInMemory(scripts=[slowly(WHOLE)])
    worker.accept()

    assert await worker.work() is Disposition.ACK

    assert told(worker, attempt=1) == stored(worker) == PARTS
    assert worker.stored == worker.gateway.text("a") == "Otters hold hands."
    assert worker.record.outcome is not None
    assert worker.record.outcome.has_parts


@pytest.mark.parametrize("pace", ["at once", "slowly"])
@pytest.mark.parametrize("cut", range(len(SAID) + 1))
async def test_wherever_the_stream_breaks_all_have_the_parts_of_the_attempt_that_was_whole(
    cut: int, pace: str
) -> None:
    scripts: list[list[Step]] = [[*SAID[:cut], CUT], WHOLE]
    worker = WorkerInMemory(scripts=[slowly(script) if pace == "slowly" else script for script in scripts])
    worker.accept()

    assert await worker.work() is Disposition.ACK

    assert worker.record.attempt == (2 if cut else 1)
    assert told(worker, attempt=worker.record.attempt) == stored(worker) == PARTS


@pytest.mark.parametrize("cut", range(1, len(SAID), 2))
async def test_wherever_a_worker_dies_all_have_the_parts_of_the_one_that_took_over(cut: int) -> None:
    worker = WorkerInMemory(scripts=[[*slowly(SAID[:cut]), 1e6], slowly(WHOLE)])
    worker.accept()

    assert await worker.work(until=30) is Disposition.RETRY
    assert await worker.work() is Disposition.ACK

    assert told(worker, attempt=worker.record.attempt) == stored(worker) == PARTS


async def test_the_first_reasoning_is_told_at_once_and_text_does_not_wait_for_reasoning() -> None:
    options = replace(OPTIONS, first_frame_interval_milliseconds=900, frame_interval_milliseconds=2000)
    script: list[Step] = [5.0, Piece(reasoning="a"), 5.0, Piece(reasoning="b"), 0.1, "Otters", finish(), DONE]
    worker = WorkerInMemory(scripts=[script], options=options)
    worker.accept()
    times: dict[str, float] = {}
    post = worker.gateway.post

    async def noted(connection_id: str, data: bytes) -> None:
        await post(connection_id, data)
        message = worker.gateway.delivered[connection_id][-1]
        said = message.get("part") or message.get("frame") or {}
        times.setdefault(said.get("delta", ""), seconds())

    worker.gateway.post = noted  # type: ignore[method-assign]
    await worker.work()

    assert times["a"] - 5.0 < 0.05
    assert times["b"] - 10.0 < 0.05
    assert times["Otters"] - 10.1 < 0.05


async def test_many_sources_between_words_do_not_make_a_socket_late() -> None:
    script: list[Step] = []
    for number in range(100):
        source = Extra("source", f'{{"url":"https://o.example/{number}"}}')
        script += [Piece(f"w{number} ", extras=(source,)), 0.01]
    worker = WorkerInMemory(scripts=[[*script, finish(), DONE]])
    worker.accept()

    await worker.work()

    assert len(told(worker, attempt=1)) == 100
    assert seconds() < 4


@pytest.mark.parametrize(
    ("reasoning", "is_told", "kept"),
    [("kept", True, "r0 r1 r2 r3 "), ("shown", True, None), ("hidden", False, "")],
)
async def test_the_deployment_decides_what_becomes_of_reasoning(
    reasoning: Any,
    is_told: bool,  # noqa: FBT001
    kept: str | None,
) -> None:
    options: WorkerOptions = replace(OPTIONS, reasoning=reasoning)
    worker = WorkerInMemory(scripts=[WHOLE], options=options)
    worker.accept()

    await worker.work()

    assert [part[1] for part in told(worker, attempt=1)] == (["reasoning"] if is_told else []) + [
        "source",
        "data",
    ]
    texts = [part[3] for part in stored(worker) if part[1] == "reasoning"]
    assert texts == ([] if kept == "" else [kept])


async def test_a_stopped_answer_keeps_the_parts_that_were_shown() -> None:
    worker = WorkerInMemory(scripts=[[Piece(reasoning="hm"), "Otters", Piece(extras=(OTTER,)), 1e6]])
    worker.accept()
    worker.at(3.5, worker.change(cancel_requested=True))

    await worker.work()

    assert worker.record.status is Status.CANCELLED
    assert (
        told(worker, attempt=1)
        == stored(worker)
        == [
            (0, "reasoning", 0, "hm"),
            (2, "source", 6, OTTER.text),
        ]
    )


async def test_an_answer_that_is_stopped_while_no_worker_has_it_keeps_the_parts_of_the_last() -> None:
    worker = WorkerInMemory(scripts=[[*slowly(SAID), 1e6]])
    worker.accept()
    assert await worker.work(until=30) is Disposition.RETRY
    worker.change(cancel_requested=True)()

    assert await worker.work() is Disposition.ACK

    assert (worker.record.status, worker.record.attempt) == (Status.CANCELLED, 2)
    assert told(worker, attempt=2) == stored(worker) == PARTS


async def test_an_answer_that_no_worker_could_end_is_told_with_its_parts() -> None:
    worker = WorkerInMemory(scripts=[[*slowly(SAID), 1e6]])
    worker.accept(attempt=2)
    assert await worker.work(until=30) is Disposition.RETRY
    worker.gateway.delivered.clear()

    assert await worker.work() is Disposition.ACK

    assert worker.record.status is Status.FAILED
    assert told(worker, attempt=3) == stored(worker) == PARTS
    assert worker.record.outcome is not None
    assert worker.record.outcome.has_parts


async def test_reasoning_and_sources_are_not_sent_to_a_model_again() -> None:
    worker = WorkerInMemory(scripts=[WHOLE])
    worker.accept_in_chat(worker.chat.ask("And where?", after=worker.chat.turn("What?", "Sea urchins.")))

    await worker.work()

    [conversation] = worker.model.conversations
    assert all("r0" not in str(message) for message in conversation.messages())


async def test_there_is_as_much_reasoning_as_there_may_be_text() -> None:
    options = replace(OPTIONS, max_answer_characters=1000)
    script: list[Step] = [*(Piece(reasoning="x" * 300) for _ in range(9)), "Otters", finish(), DONE]
    worker = WorkerInMemory(scripts=[script], options=options)
    worker.accept()

    await worker.work()

    assert told(worker, attempt=1) == [(0, "reasoning", 0, "x" * 1000)]
    assert worker.stored == "Otters"


async def test_what_a_lost_worker_has_reasoned_is_counted_as_used() -> None:
    worker = WorkerInMemory(scripts=[[Piece(reasoning="x" * 3000), 1e6], WHOLE])
    worker.accept()
    assert await worker.work(until=10) is Disposition.RETRY

    await worker.work()

    lost, *_ = worker.table.lines["g1"]
    assert lost.output_tokens >= 1000
