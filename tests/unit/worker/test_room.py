"""Room is counted, and measured: a worker that runs late or is short of memory takes no more."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from functions.worker import room
from functions.worker.room import FULL, LATE, TICK, MeasuredRoom, memory_used


def measured(*, most: int = 20, memory: float = 0) -> MeasuredRoom:
    return MeasuredRoom(most=most, memory_used=lambda: memory)


@pytest.mark.parametrize(("answers", "left"), [(0, 20), (1, 19), (20, 0), (25, 0)])
def test_answers_are_counted(answers: int, left: int) -> None:
    assert measured().left(answers) == left


@pytest.mark.parametrize(("memory", "left"), [(FULL, 19), (FULL + 0.01, 0)])
def test_a_worker_that_is_short_of_memory_takes_no_more(memory: float, left: int) -> None:
    assert measured(memory=memory).left(1) == left


async def test_a_worker_that_runs_late_takes_no_more_until_it_is_punctual_again() -> None:
    worker = measured()

    async with worker.measured():
        await asyncio.sleep(3 * TICK)
        punctual = worker.left(1)
        time.sleep(TICK + 2 * LATE)  # noqa: ASYNC251  what a busy processor does to a loop
        await asyncio.sleep(0.01)
        late = worker.left(1)
        await asyncio.sleep(5 * TICK)
        again = worker.left(1)

    assert (punctual, late, again) == (19, 0, 19)
    assert worker.latest() > LATE
    assert worker.latest() == 0


async def test_a_worker_begins_without_the_lateness_of_the_invocation_before() -> None:
    worker = measured()
    async with worker.measured():
        await asyncio.sleep(0.01)
        time.sleep(TICK + 2 * LATE)  # noqa: ASYNC251
        await asyncio.sleep(0.01)

    async with worker.measured():
        await asyncio.sleep(0.01)

        assert worker.left(1) == 19


@pytest.mark.skipif(not room.STATM.exists(), reason="this system does not tell what a process occupies")
def test_memory_is_what_the_process_occupies_of_its_limit() -> None:
    # A Python with our imports takes more than 10 MB and less than 10 GB.
    assert 0.001 < memory_used(10_240) < 1 < memory_used(10)


def test_where_memory_cannot_be_measured_answers_are_only_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "STATM", Path("/nowhere"))

    assert memory_used(1) == 0
