"""When a message comes back, and when it is done."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from functions.shared.generations.model import Status
from functions.worker.delivery import Disposition
from functions.worker.dispatch import UnknownGeneration
from tests.integration.worker.conftest import Server
from tests.integration.worker.worker_fixture import TEXT, WorkerFixture, until


async def test_the_message_is_hidden_until_just_after_the_lease(bench: WorkerFixture) -> None:
    bench.accept()

    await bench.work()

    assert timedelta(seconds=29) < bench.hidden[0] <= timedelta(seconds=31)


async def test_a_second_delivery_of_the_same_message_waits_for_the_lease(bench: WorkerFixture) -> None:
    bench.accept(rate=100)
    first = asyncio.create_task(bench.work())
    await until(lambda: bench.state().status is Status.PROCESSING)
    bench.hidden.clear()

    disposition = await bench.work()

    assert disposition is Disposition.RETRY
    assert timedelta(seconds=25) < bench.hidden[0] <= timedelta(seconds=31)
    assert await first is Disposition.ACK


async def test_a_delivery_after_the_end_says_and_calls_nothing(bench: WorkerFixture, server: Server) -> None:
    bench.open("a")
    bench.accept()
    await bench.work()
    told = len(bench.gateway.delivered["a"])

    disposition = await bench.work(bench.delivery(count=2))

    assert disposition is Disposition.ACK
    assert len(server.model.calls) == 1
    assert len(bench.gateway.delivered["a"]) == told


@pytest.mark.fault(63)
async def test_a_worker_without_time_left_lets_the_next_one_begin_at_once(bench: WorkerFixture) -> None:
    bench.open("a")
    bench.accept(rate=10)

    disposition = await bench.work(seconds=0.5)
    hidden = bench.hidden[-1]
    again = await bench.work(bench.delivery(count=2), seconds=30)

    assert (disposition, again) == (Disposition.RETRY, Disposition.ACK)
    assert hidden <= timedelta(seconds=1)
    assert (bench.state().attempt, bench.stored()) == (2, TEXT)


async def test_another_message_of_a_generation_that_is_being_made_is_kept_until_its_end(
    bench: WorkerFixture,
) -> None:
    bench.accept(rate=100)
    first = asyncio.create_task(bench.work())
    await until(lambda: bench.state().status is Status.PROCESSING)
    bench.hidden.clear()

    early = await bench.work(bench.delivery("m2"))
    hidden = bench.hidden[0]
    await first
    late = await bench.work(bench.delivery("m2", count=2))

    assert (early, late) == (Disposition.RETRY, Disposition.ACK)
    assert hidden > bench.options.generation_timeout


@pytest.mark.parametrize(
    "body", ["", "not json", "[]", '{"version": 3, "generation_id": "g1"}', '{"version": 1}']
)
async def test_a_message_that_is_none_of_ours_is_refused(bench: WorkerFixture, body: str) -> None:
    with pytest.raises(ValueError, match=r"Expecting|version|generation"):
        await bench.work(bench.delivery(body=body or " "))


async def test_a_message_about_a_generation_that_is_not_there_is_refused(bench: WorkerFixture) -> None:
    with pytest.raises(UnknownGeneration):
        await bench.work()
