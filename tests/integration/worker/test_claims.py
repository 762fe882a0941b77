"""Who may make an answer: one worker at a time, whatever was delivered, lost or frozen."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from functions.shared.generations.claims import Fenced
from functions.shared.generations.model import Status
from functions.worker.delivery import Disposition
from tests.integration.worker.conftest import Server
from tests.integration.worker.worker_fixture import TEXT, WorkerFixture, statuses, until


@pytest.mark.fault(59)
async def test_a_hundred_deliveries_at_once_make_one_call(bench: WorkerFixture, server: Server) -> None:
    bench.open("a")
    bench.accept(rate=200)

    dispositions = await asyncio.gather(*(bench.work(bench.delivery(f"m{n}")) for n in range(100)))

    assert Disposition.ACK in dispositions
    assert len(server.model.calls) == 1
    assert bench.gateway.text("a") == TEXT
    assert statuses(bench.gateway.delivered["a"]).count("completed") == 1


async def test_when_a_worker_dies_the_next_attempt_begins_after_the_lease(bench: WorkerFixture) -> None:
    bench.set_options(lease_seconds=2.5)
    bench.open("a")
    bench.accept(rate=20)
    dying = asyncio.create_task(bench.work())
    await until(lambda: "streaming" in statuses(bench.gateway.delivered.get("a", [])))
    await kill(dying)
    await asyncio.sleep(bench.options.lease.total_seconds())
    bench.gateway.delivered.clear()

    disposition = await bench.work(bench.delivery(count=2))

    assert disposition is Disposition.ACK
    assert bench.state().attempt == 2
    assert bench.gateway.text("a") == bench.stored() == TEXT
    assert {message["attempt"] for message in bench.gateway.delivered["a"] if "attempt" in message} == {2}


async def kill(task: asyncio.Task[Disposition]) -> None:
    """End a worker as SIGKILL would, but for what its threads have begun."""
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.fault(62)
async def test_a_worker_that_lost_its_generation_writes_and_says_nothing_more(bench: WorkerFixture) -> None:
    bench.open("a")
    bench.accept(rate=10)
    frozen = asyncio.create_task(bench.work())
    await until(lambda: "streaming" in statuses(bench.gateway.delivered.get("a", [])))
    claim = bench.transitions.claim(
        "g1",
        owner="other",
        message_id="m1",
        lease_until=datetime.now(UTC) + timedelta(seconds=60),
        max_attempts=3,
        now=datetime.now(UTC) + timedelta(seconds=40),
    )

    disposition = await frozen

    assert claim is not None
    assert claim.is_ours
    assert disposition is Disposition.RETRY
    assert (bench.state().status, bench.state().owner) == (Status.PROCESSING, "other")


@pytest.mark.fault(67)
async def test_a_claim_whose_reply_was_lost_is_recognised(bench: WorkerFixture) -> None:
    bench.accept()
    names = {"owner": "w1", "message_id": "m1", "max_attempts": 3, "now": datetime.now(UTC)}
    lease = datetime.now(UTC) + timedelta(seconds=30)
    bench.transitions.claim("g1", lease_until=lease, **names)

    again = bench.transitions.claim("g1", lease_until=lease, **names)

    assert again is not None
    assert (again.is_ours, again.generation.attempt) == (True, 1)


async def test_a_lease_that_ends_while_the_table_answers_costs_no_attempts(bench: WorkerFixture) -> None:
    bench.accept()
    soon = datetime.now(UTC) + timedelta(seconds=0.3)
    claimed = bench.transitions.claim(
        "g1", owner="w1", message_id="m1", lease_until=soon, max_attempts=3, now=datetime.now(UTC)
    )
    assert claimed is not None
    await asyncio.sleep(0.4)

    disposition = await bench.dispatcher()._settle_foreign(claimed.generation, bench.delivery(count=2))

    assert disposition is Disposition.RETRY
    assert bench.state().status is Status.PROCESSING


@pytest.mark.fault(67)
async def test_a_restart_whose_reply_was_lost_is_recognised_and_nobody_elses_is(bench: WorkerFixture) -> None:
    bench.accept()
    now = datetime.now(UTC)
    soon = now + timedelta(seconds=1)
    how = {"message_id": "m1", "lease_until": soon, "max_attempts": 3}
    ours = bench.transitions.claim("g1", owner="w1", now=now, **how)
    assert ours is not None

    assert bench.transitions.restart(ours.generation, 1) == 2
    assert bench.transitions.restart(ours.generation, 1) == 2

    theirs = bench.transitions.claim("g1", owner="w2", now=now + timedelta(seconds=2), **how)
    assert theirs is not None
    assert theirs.is_ours
    with pytest.raises(Fenced):
        bench.transitions.restart(ours.generation, 2)


FIVE_MINUTES = timedelta(minutes=5)
"""AWS refuses requests that were signed with a clock further off."""


@pytest.mark.fault(39)
async def test_a_worker_whose_clock_is_ahead_calls_the_model_only_after_the_owner_has_stopped(
    bench: WorkerFixture, server: Server
) -> None:
    bench.open("a")
    bench.accept(rate=10)
    owner = asyncio.create_task(bench.work())
    await until(lambda: "streaming" in statuses(bench.gateway.delivered.get("a", [])))

    rival = await bench.work(bench.delivery("m2"), clock_ahead=FIVE_MINUTES)

    first, second = server.model.calls
    assert (await owner, rival) == (Disposition.RETRY, Disposition.ACK)
    assert first.aborted
    assert first.ended is not None
    assert first.ended < second.started
    assert (bench.state().attempt, bench.state().status, bench.stored()) == (2, Status.COMPLETED, TEXT)
    texts = [m["attempt"] for m in bench.gateway.delivered["a"] if "delta" in m.get("frame", {})]
    assert texts == sorted(texts)
    assert bench.gateway.text("a", attempt=2) == TEXT
    assert TEXT.startswith(bench.gateway.text("a", attempt=1))


@pytest.mark.fault(39)
async def test_a_worker_whose_clock_is_behind_lets_the_owner_finish(
    bench: WorkerFixture, server: Server
) -> None:
    bench.open("a")
    bench.accept(rate=100)
    owner = asyncio.create_task(bench.work())
    await until(lambda: bench.state().status is Status.PROCESSING)

    rival = await bench.work(bench.delivery("m2"), clock_ahead=-FIVE_MINUTES)

    assert (await owner, rival) == (Disposition.ACK, Disposition.RETRY)
    assert len(server.model.calls) == 1
    assert bench.gateway.text("a") == bench.stored() == TEXT


@pytest.mark.fault(39)
async def test_a_worker_that_died_with_its_clock_ahead_is_followed_when_its_lease_seems_over(
    bench: WorkerFixture, server: Server
) -> None:
    bench.accept()
    then = datetime.now(UTC) - bench.options.lease - FIVE_MINUTES
    ahead = then + FIVE_MINUTES
    died = bench.transitions.claim(
        "g1", owner="w1", message_id="m1", lease_until=ahead + bench.options.lease, max_attempts=3, now=ahead
    )
    assert died is not None

    early = await bench.work(bench.delivery(count=2), clock_ahead=-FIVE_MINUTES)
    patience = bench.hidden[-1]
    later = await bench.work(bench.delivery(count=3), clock_ahead=timedelta(seconds=1))

    assert (early, later) == (Disposition.RETRY, Disposition.ACK)
    assert bench.options.lease < patience <= FIVE_MINUTES + timedelta(seconds=2)
    assert (bench.state().attempt, bench.stored()) == (2, TEXT)
    assert len(server.model.calls) == 1


async def test_a_look_sees_a_wish_to_stop_and_is_fenced_as_a_beat_is(bench: WorkerFixture) -> None:
    bench.accept()
    bench.transitions.claim(
        "g1",
        owner="one",
        message_id="m1",
        lease_until=datetime.now(UTC) + timedelta(seconds=30),
        max_attempts=3,
        now=datetime.now(UTC),
    )
    assert not bench.transitions.look("g1", 1)

    assert bench.submissions.request_cancel("g1")
    assert bench.transitions.look("g1", 1)
    for generation_id, attempt in (("g1", 2), ("gone", 1)):
        with pytest.raises(Fenced):
            bench.transitions.look(generation_id, attempt)
