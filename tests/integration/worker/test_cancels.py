"""Stopping an answer, before, while and after a worker has it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from functions.shared.generations.model import Status
from functions.worker.delivery import Disposition
from tests.integration.worker.conftest import Server
from tests.integration.worker.worker_fixture import TEXT, WorkerFixture, statuses, until


@pytest.mark.fault(68)
async def test_cancelling_stops_the_model_within_two_seconds_and_keeps_the_text(
    bench: WorkerFixture, server: Server
) -> None:
    bench.open("a")
    bench.accept(rate=10)
    working = asyncio.create_task(bench.work())
    await until(lambda: "streaming" in statuses(bench.gateway.delivered.get("a", [])))

    asked = datetime.now(UTC)
    bench.submissions.request_cancel("g1")
    await working

    assert server.model.calls[0].aborted
    assert server.model.calls[0].ended is not None
    assert server.model.calls[0].ended - asked.timestamp() < 2
    assert bench.state().status is Status.CANCELLED
    assert bench.stored() == bench.gateway.text("a") == TEXT[: len(bench.stored())] != ""
    assert statuses(bench.gateway.delivered["a"])[-1] == "cancelled"


@pytest.mark.fault(68)
async def test_cancelling_before_the_start_calls_no_model_and_is_told(
    bench: WorkerFixture, server: Server
) -> None:
    bench.open("a")
    bench.accept()
    assert bench.cancel()

    disposition = await bench.work()

    assert disposition is Disposition.ACK
    assert server.model.calls == []
    assert statuses(bench.gateway.delivered["a"]) == ["cancelled"]


@pytest.mark.fault(61, 68)
@pytest.mark.parametrize("deaths", [1, 2])
async def test_cancelling_before_a_worker_dies_keeps_what_it_had_written(
    bench: WorkerFixture, server: Server, deaths: int
) -> None:
    bench.open("a")
    accepted = bench.accept()
    die(bench, times=1)
    bench.transitions.save(accepted, 1, 0, "what there was 😀")
    assert bench.submissions.request_cancel("g1")
    die(bench, times=deaths - 1)

    disposition = await bench.work(bench.delivery(count=deaths + 1))

    assert disposition is Disposition.ACK
    assert server.model.calls == []
    outcome = bench.state().outcome
    assert outcome is not None
    assert (outcome.status, outcome.length) == (Status.CANCELLED, len("what there was 😀"))
    assert bench.gateway.text("a") == bench.stored() == "what there was 😀"
    assert statuses(bench.gateway.delivered["a"]) == ["streaming", "cancelled"]


@pytest.mark.fault(68)
async def test_cancelling_before_the_last_worker_dies_is_no_failure(bench: WorkerFixture) -> None:
    bench.open("a")
    accepted = bench.accept()
    die(bench, times=3)
    bench.transitions.save(accepted, 3, 0, "what there was")
    assert bench.submissions.request_cancel("g1")

    disposition = await bench.work(bench.delivery(count=4))

    assert disposition is Disposition.ACK
    assert (bench.state().status, bench.stored()) == (Status.CANCELLED, "what there was")
    assert statuses(bench.gateway.delivered["a"]) == ["streaming", "cancelled"]


def die(bench: WorkerFixture, *, times: int) -> None:
    """Claim as a worker does that dies at once, some time ago."""
    for number in range(times):
        past = datetime.now(UTC) - timedelta(minutes=5 - bench.state().attempt)
        claim = bench.transitions.claim(
            "g1", owner=f"w{number}", message_id="m1", lease_until=past, max_attempts=3, now=past
        )
        assert claim is not None
        assert claim.is_ours
