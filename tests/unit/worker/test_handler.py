"""What becomes of a message: of one that is done, and of one that could not be worked on."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from functions.shared.queue_message import ReceivedMessage
from functions.worker import handler, wiring
from functions.worker.delivery import Delivery, Disposition
from functions.worker.polls import Polls
from functions.worker.room import MeasuredRoom
from functions.worker.settings import IntakeOptions, WorkerSettings
from functions.worker.settlement import HIDING
from tests.support.environment import WORKER
from tests.support.fake_queue import FakeQueue
from tests.unit.worker.builders import worker_options

pytestmark = pytest.mark.virtual_time


@dataclass
class FakeWorker:
    """Takes its time with each message, then says what a test wants."""

    dispositions: dict[str, Disposition | Exception] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    async def handle(self, delivery: Delivery, *, until: float) -> Disposition:
        await asyncio.sleep(self.seconds.get(delivery.message_id, 0))
        disposition = self.dispositions.get(delivery.message_id, Disposition.ACK)
        if isinstance(disposition, Exception):
            raise disposition
        return disposition


@pytest.fixture
def queue(monkeypatch: pytest.MonkeyPatch) -> FakeQueue:
    queue = FakeQueue()
    monkeypatch.setattr(wiring, "queue", lambda: queue)
    return queue


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, queue: FakeQueue) -> None:
    monkeypatch.setattr(wiring, "settings", lambda: WorkerSettings.from_env(WORKER))
    monkeypatch.setattr(handler, "polls", lambda: Polls(queue=queue, options=worker_options()))
    room = MeasuredRoom(options=IntakeOptions(worker_answers=3), memory_used=lambda: 0)
    monkeypatch.setattr(handler, "room", lambda: room)


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> FakeWorker:
    worker = FakeWorker()
    monkeypatch.setattr(wiring, "dispatcher", lambda: worker)
    return worker


def record(message_id: str, *, count: int = 1) -> dict[str, Any]:
    return {
        "messageId": message_id,
        "receiptHandle": f"receipt of {message_id}",
        "body": "{}",
        "attributes": {"ApproximateReceiveCount": str(count)},
    }


async def work_on(*records: dict[str, Any]) -> list[str]:
    return await handler.work_on(list(records), timedelta(minutes=14))


@pytest.mark.parametrize(("count", "seconds"), [(1, 2), (3, 8), (20, 60)])
async def test_what_failed_comes_back_soon_and_later_each_time(
    queue: FakeQueue, worker: FakeWorker, count: int, seconds: int
) -> None:
    worker.dispositions["m1"] = ZeroDivisionError()

    again = await work_on(record("m1", count=count))

    assert (again, queue.hidden, queue.deleted) == (["m1"], [timedelta(seconds=seconds)], [])


async def test_what_failed_comes_back_soon_although_the_queue_could_not_be_reached_at_first(
    queue: FakeQueue, worker: FakeWorker
) -> None:
    worker.dispositions["m1"] = ZeroDivisionError()
    queue.failures = HIDING.attempts - 1

    await work_on(record("m1"))

    assert queue.hidden == [timedelta(seconds=2)]


async def test_a_queue_that_cannot_be_reached_is_left_alone_at_last(
    queue: FakeQueue, worker: FakeWorker
) -> None:
    worker.dispositions["m1"] = ZeroDivisionError()
    queue.failures = 1000

    assert await work_on(record("m1")) == ["m1"]
    assert queue.failures == 1000 - HIDING.attempts


async def test_a_message_is_deleted_when_its_own_answer_was_told_and_not_when_its_batch_ends(
    queue: FakeQueue, worker: FakeWorker
) -> None:
    worker.seconds = {"short": 5, "long": 500}
    working = asyncio.create_task(work_on(record("long"), record("short")))

    await asyncio.sleep(6)
    early = list(queue.deleted)
    again = await working

    assert early == ["receipt of short"]
    assert (again, queue.deleted) == ([], ["receipt of short", "receipt of long"])


@pytest.mark.fault(66)
async def test_a_message_that_could_not_be_deleted_is_left_to_the_end_of_its_batch(
    queue: FakeQueue, worker: FakeWorker
) -> None:
    queue.failures = 1

    again = await work_on(record("m1"))

    assert (again, queue.deleted) == ([], [])


async def test_a_message_that_must_come_back_is_not_deleted(queue: FakeQueue, worker: FakeWorker) -> None:
    worker.dispositions["m1"] = Disposition.RETRY

    again = await work_on(record("m1"), record("m2"))

    assert (again, queue.deleted) == (["m1"], ["receipt of m2"])


async def test_a_worker_that_is_busy_receives_more_by_itself_and_deletes_it(
    queue: FakeQueue, worker: FakeWorker
) -> None:
    queue.waiting = [message("m2"), message("m3")]
    worker.seconds = {"m1": 5, "m3": 60}

    again = await work_on(record("m1"))

    assert again == []
    assert sorted(queue.deleted) == ["receipt of m1", "receipt of m2", "receipt of m3"]
    assert set(queue.received_for) == {timedelta(seconds=31)}


async def test_only_what_lambda_handed_over_is_named_to_lambda(queue: FakeQueue, worker: FakeWorker) -> None:
    """An unknown name among the failures would make a failure of the whole batch."""
    queue.waiting = [message("m2"), message("m3")]
    worker.dispositions = {"m2": Disposition.RETRY, "m3": ZeroDivisionError()}
    worker.seconds["m1"] = 5

    assert await work_on(record("m1")) == []
    assert queue.deleted == ["receipt of m1"]


async def test_work_is_taken_only_while_the_time_is_enough_for_the_longest_answer(
    queue: FakeQueue, worker: FakeWorker
) -> None:
    loop = asyncio.get_running_loop()
    worker.seconds["m1"] = 800
    loop.call_at(100, lambda: queue.waiting.append(message("early")))
    loop.call_at(240, lambda: queue.waiting.append(message("late")))

    await work_on(
        record("m1")
    )  # 840 s are left, an answer may take 600 s, and workers stop at different times.

    assert queue.deleted == ["receipt of early", "receipt of m1"]
    assert [each.message_id for each in queue.waiting] == ["late"]


def message(message_id: str) -> ReceivedMessage:
    return ReceivedMessage(
        message_id=message_id, receipt_handle=f"receipt of {message_id}", body="{}", receive_count=1
    )
