"""How an end is told whose own worker could not tell it."""

from __future__ import annotations

import pytest

from functions.shared.generations.failures import Failure
from functions.shared.generations.model import Outcome, Status
from functions.worker.answer_text import AnswerText
from functions.worker.ending import DRAIN
from functions.worker.lease import Lease, LeaseLost
from functions.worker.message_sequence import MessageSequence
from functions.worker.ports import Throttled
from tests.unit.worker.builders import NOON
from tests.unit.worker.test_fanout import Gateway
from tests.unit.worker.worker_in_memory import LEASE, WorkerInMemory, between, clock, seconds

pytestmark = pytest.mark.virtual_time
LOST = Outcome(status=Status.FAILED, length=7, failure=Failure.WORKER_LOST)


def ended(worker: WorkerInMemory) -> None:
    worker.accept(status=Status.FAILED, attempt=3, outcome=LOST)


async def test_a_report_tells_the_text_and_the_end_and_notes_it() -> None:
    worker = WorkerInMemory()
    ended(worker)

    await worker.end().report(worker.record, "Otters ", [], LOST)

    assert worker.gateway.text("a") == "Otters "
    assert worker.told == ["streaming", "failed"]
    assert worker.record.announced
    assert worker.counted == []


async def test_connections_that_cannot_be_read_are_waited_for_and_not_taken_for_none() -> None:
    worker = WorkerInMemory()
    ended(worker)
    worker.registry.is_away = between(0, 12)

    await worker.end().report(worker.record, "Otters ", [], LOST)

    assert seconds() >= 12
    assert worker.told[-1] == "failed"


async def test_an_end_that_could_not_be_told_in_time_is_not_noted() -> None:
    worker = WorkerInMemory()
    ended(worker)
    worker.registry.is_away = lambda: True

    with pytest.raises(LeaseLost):
        await worker.end().report(worker.record, "Otters ", [], LOST)
    assert not worker.record.announced
    assert seconds() == LEASE.total_seconds()


async def test_a_connection_that_never_reads_delays_the_end_by_so_much_and_no_more() -> None:
    worker = WorkerInMemory(gateway=Gateway(lambda name, _count: Throttled(name)))
    ended(worker)

    await worker.end().report(worker.record, "Otters ", [], LOST)

    assert seconds() == DRAIN.total_seconds()
    assert worker.record.announced


async def test_that_an_end_was_told_is_noted_after_an_outage() -> None:
    worker = WorkerInMemory()
    ended(worker)
    worker.table.is_away = between(0, 15)

    await worker.end().report(worker.record, "Otters ", [], LOST)

    assert worker.record.announced
    assert worker.told.count("failed") == 1


async def test_an_end_is_not_noted_once_the_lease_is_over() -> None:
    worker = WorkerInMemory(gateway=Gateway(lambda name, _count: Throttled(name)))
    ended(worker)
    end = worker.end()
    sequence = MessageSequence(worker.record, AnswerText(attempt=3, outcome=LOST), opening=())
    lease = Lease(NOON + DRAIN / 2, clock)

    async with end.fan_out(sequence, lease).running() as fan_out:
        with pytest.raises(LeaseLost):
            await end.announce(worker.record, fan_out, following="")

    assert not worker.record.announced
