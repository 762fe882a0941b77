"""Which worker makes an answer when several have a message for it, and what ends one that none can make."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from functions.shared.errors import Unavailable
from functions.shared.generations.claims import Fenced
from functions.shared.generations.failures import Failure
from functions.shared.generations.model import Outcome, Status
from functions.worker.delivery import Disposition
from functions.worker.dispatch import UnknownGeneration
from tests.support.virtual_time import VirtualTimeLoop
from tests.unit.worker.builders import NOON
from tests.unit.worker.worker_in_memory import LEASE, TEXT, WorkerInMemory

pytestmark = pytest.mark.virtual_time
SECOND = timedelta(seconds=1)


async def test_two_deliveries_at_once_make_one_answer() -> None:
    worker = WorkerInMemory()
    worker.accept()

    dispositions = await asyncio.gather(worker.work("m1"), worker.work("m2"))

    assert list(dispositions) == [Disposition.ACK, Disposition.RETRY]
    assert len(worker.model.called_at) == 1
    assert worker.told.count("completed") == 1
    assert worker.stored == worker.gateway.text("a") == TEXT


async def test_another_message_stays_hidden_until_the_answer_should_be_there() -> None:
    worker = WorkerInMemory()
    worker.accept(
        status=Status.PROCESSING, attempt=1, owner="other", message_id="m1", lease_until=NOON + LEASE
    )

    assert await worker.work("m2") is Disposition.RETRY
    assert worker.queue.hidden == [timedelta(minutes=10) + SECOND]


async def test_the_owners_message_comes_back_just_after_the_lease() -> None:
    worker = WorkerInMemory()
    worker.accept(
        status=Status.PROCESSING, attempt=1, owner="other", message_id="m1", lease_until=NOON + LEASE
    )

    assert await worker.work("m1") is Disposition.RETRY
    assert worker.queue.hidden == [LEASE + SECOND]


async def test_a_claim_whose_reply_is_lost_delays_the_answer_by_its_lease() -> None:
    worker = WorkerInMemory()
    worker.accept()
    worker.table.lost_replies = ["claim"]

    with pytest.raises(Unavailable):
        await worker.work()
    assert await worker.work() is Disposition.RETRY
    await asyncio.sleep(worker.queue.hidden[-1].total_seconds())

    assert await worker.work() is Disposition.ACK
    assert (worker.record.attempt, worker.stored) == (2, TEXT)


async def test_a_lease_that_runs_out_just_after_a_claim_is_left_to_the_next_delivery() -> None:
    worker = WorkerInMemory()
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualTimeLoop)
    worker.accept(status=Status.PROCESSING, attempt=1, owner="other", lease_until=NOON + LEASE)
    claim = worker.table.claim

    def slow_claim(*args: object, **how: object) -> object:
        found = claim(*args, **how)  # type: ignore[arg-type]
        loop.now += LEASE.total_seconds() + 1
        return found

    worker.table.claim = slow_claim  # type: ignore[assignment,method-assign]

    assert await worker.work() is Disposition.RETRY
    assert worker.queue.hidden == [SECOND]
    assert worker.told == []


@pytest.mark.parametrize(
    ("wish", "status", "failure"),
    [(False, Status.FAILED, Failure.WORKER_LOST), (True, Status.CANCELLED, None)],
)
async def test_without_an_attempt_left_the_end_is_recorded_and_told(
    *, wish: bool, status: Status, failure: Failure | None
) -> None:
    worker = WorkerInMemory()
    worker.accept(status=Status.PROCESSING, attempt=3, lease_until=NOON - SECOND, cancel_requested=wish)
    worker.table.pieces["g1", 3] = {0: "Otters "}

    assert await worker.work() is Disposition.ACK
    assert worker.record.outcome == Outcome(status=status, length=7, failure=failure)
    assert worker.record.announced
    assert worker.told[-1] == status
    assert worker.counted == [status]


async def test_an_end_that_another_worker_records_first_is_not_recorded_twice() -> None:
    worker = WorkerInMemory()
    worker.accept(status=Status.PROCESSING, attempt=3, lease_until=NOON - SECOND)
    ended = Outcome(status=Status.COMPLETED, length=0, finish_reason="stop")
    worker.table.before["finish"] = worker.change(status=Status.COMPLETED, outcome=ended)

    with pytest.raises(Fenced):
        await worker.work()

    assert worker.record.outcome == ended
    assert worker.counted == []
    assert worker.told == []


async def test_an_end_that_was_told_is_not_told_again() -> None:
    worker = WorkerInMemory()
    ended = Outcome(status=Status.COMPLETED, length=0, finish_reason="stop")
    worker.accept(status=Status.COMPLETED, attempt=1, outcome=ended, announced=True)

    assert await worker.work() is Disposition.ACK
    assert worker.told == []


async def test_a_message_from_before_a_prompt_waited_is_done() -> None:
    worker = WorkerInMemory()
    worker.accept(waits=True)

    assert await worker.work() is Disposition.ACK
    assert worker.told == []


async def test_a_message_for_a_generation_that_is_not_there_is_an_error() -> None:
    with pytest.raises(UnknownGeneration):
        await WorkerInMemory().work()
