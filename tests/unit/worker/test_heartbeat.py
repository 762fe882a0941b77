"""How a worker holds its generation through lost replies, outages and other workers."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from functions.shared.chats.model import Ended
from functions.shared.generations.claims import Fenced
from functions.shared.generations.failures import Failure
from functions.shared.generations.model import Outcome, Status
from functions.worker.answer_text import AnswerText
from functions.worker.heartbeat import Heartbeat
from functions.worker.lease import Lease, LeaseLost
from tests.unit.worker.builders import NOON
from tests.unit.worker.worker_in_memory import LEASE, OPTIONS, WorkerInMemory, between, clock, seconds

pytestmark = pytest.mark.virtual_time
WHOLE = Outcome(status=Status.COMPLETED, length=7, finish_reason="stop")


class Holder(WorkerInMemory):
    """A worker that has claimed its generation just now."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.accept(status=Status.PROCESSING, attempt=1, owner="me", lease_until=NOON + LEASE)
        self.heartbeat = Heartbeat(
            generation=self.record,
            answer=AnswerText(attempt=1),
            transitions=self.table,
            lease=Lease(NOON + LEASE, clock),
            options=OPTIONS,
            delivery=self.delivery(),
        )

    def write(self, text: str) -> None:
        self.heartbeat.answer.append(text)

    async def beat_until(self, when: float) -> None:
        """Beat for a while."""
        asyncio.get_running_loop().call_at(when, self.heartbeat.stop)
        assert not await self.heartbeat.run()


async def test_new_text_is_stored_each_second_and_old_text_once() -> None:
    holder = Holder()
    holder.write("Otters ")
    holder.at(1.5, lambda: holder.write("hold "))

    await holder.beat_until(3.5)

    assert holder.table.pieces["g1", 1] == {0: "Otters ", 7: "hold "}


async def test_a_lease_is_renewed_when_a_third_of_it_has_passed() -> None:
    holder = Holder()

    await holder.beat_until(21.5)

    renewed_at = NOON + timedelta(seconds=20)
    assert holder.record.lease_until == holder.heartbeat.lease.until == renewed_at + LEASE
    assert holder.queue.hidden == [LEASE + timedelta(seconds=1)] * 2


async def test_a_beat_writes_only_when_the_lease_is_due() -> None:
    holder = Holder()

    await holder.beat_until(21.5)

    assert (holder.table.made.count("beat"), holder.table.made.count("look")) == (2, 19)


async def test_beats_go_on_after_an_outage() -> None:
    holder = Holder()
    holder.table.is_away = between(2, 25)

    await holder.beat_until(40)

    assert holder.record.lease_until is not None
    assert holder.record.lease_until > clock()


async def test_an_outage_that_outlasts_the_lease_costs_it() -> None:
    holder = Holder()
    holder.table.is_away = between(2, 1000)

    with pytest.raises(LeaseLost):
        await asyncio.wait_for(holder.heartbeat.run(), timeout=900)
    assert seconds() == LEASE.total_seconds()


async def test_a_renewal_whose_reply_is_lost_is_repeated() -> None:
    holder = Holder()
    holder.at(5.5, lambda: holder.table.lost_replies.append("beat"))

    await holder.beat_until(40)

    assert holder.record.lease_until is not None
    assert holder.record.lease_until > clock()


async def test_a_restart_whose_reply_is_lost_begins_one_attempt_and_no_beat_comes_between() -> None:
    holder = Holder()
    holder.write("Otters ")
    beating = asyncio.create_task(holder.heartbeat.run())
    await asyncio.sleep(1.5)
    holder.table.lost_replies = ["restart"]

    await holder.heartbeat.restart()
    holder.write("Once more")
    await asyncio.sleep(2)

    assert not beating.done()
    assert (holder.record.attempt, holder.heartbeat.answer.attempt) == (2, 2)
    assert holder.stored == "Once more"
    assert holder.table.pieces["g1", 1] == {0: "Otters "}
    holder.heartbeat.stop()
    await beating


async def test_a_restart_that_another_claim_overtook_is_fenced() -> None:
    holder = Holder()
    holder.table.before["restart"] = holder.change(attempt=2, owner="other")

    with pytest.raises(Fenced):
        await holder.heartbeat.restart()
    assert holder.record.attempt == 2


async def test_an_end_whose_reply_is_lost_is_recorded_once() -> None:
    holder = Holder()
    holder.write("Otters ")
    holder.table.lost_replies = ["finish"]

    assert await holder.heartbeat.finish(WHOLE) == (WHOLE, Ended())
    assert (holder.record.outcome, holder.stored) == (WHOLE, "Otters ")


async def test_an_end_after_another_end_is_fenced() -> None:
    holder = Holder()
    other = replace(WHOLE, length=3)
    holder.table.before["finish"] = holder.change(status=Status.COMPLETED, outcome=other)

    with pytest.raises(Fenced):
        await holder.heartbeat.finish(WHOLE)
    assert holder.record.outcome == other


async def test_the_text_is_stored_before_its_end_is_recorded() -> None:
    holder = Holder()
    holder.write("Otters ")

    await holder.heartbeat.finish(WHOLE)

    assert holder.table.made == ["save", "finish"]


async def test_an_end_waits_through_an_outage_but_no_longer_than_the_lease() -> None:
    short, long = Holder(), Holder()
    short.table.is_away = between(0, 20)
    long.table.is_away = between(0, 1000)

    await short.heartbeat.finish(WHOLE)
    assert seconds() == 20
    with pytest.raises(LeaseLost):
        await long.heartbeat.finish(WHOLE)
    assert seconds() == LEASE.total_seconds()


async def test_text_that_is_never_taken_ends_as_a_failure_with_what_was_stored() -> None:
    holder = Holder()
    holder.write("Otters ")
    await holder.heartbeat.save()
    holder.write("hold")
    holder.table.refused = {"save"}

    outcome, _ = await holder.heartbeat.finish(WHOLE)

    assert outcome == Outcome(status=Status.FAILED, length=7, failure=Failure.INTERNAL)
    assert holder.record.outcome == outcome


async def test_handing_over_stores_first_and_then_lets_the_next_delivery_come() -> None:
    holder = Holder()
    holder.write("Otters ")

    await holder.heartbeat.hand_over()

    assert holder.table.made == ["save", "release"]
    assert holder.heartbeat.lease.is_over
    assert holder.queue.hidden == [timedelta(seconds=1)]


async def test_handing_over_what_another_has_leaves_it_alone() -> None:
    holder = Holder()
    theirs = NOON + timedelta(minutes=9)
    holder.change(attempt=2, owner="other", lease_until=theirs)()

    await holder.heartbeat.hand_over()

    assert holder.record.lease_until == theirs
    assert holder.queue.hidden == []


async def test_handing_over_in_an_outage_leaves_the_lease_to_end_by_itself() -> None:
    holder = Holder()
    holder.table.is_away = lambda: True

    await holder.heartbeat.hand_over()

    assert holder.record.lease_until == NOON + LEASE
    assert holder.queue.hidden == []


@pytest.mark.parametrize(("late", "extensions"), [(0, 0), (0.4, 0), (0.6, 1), (-5, 1)])
async def test_a_message_that_was_received_hidden_for_the_lease_is_not_hidden_again_at_the_beginning(
    late: float, extensions: int
) -> None:
    holder = Holder()
    back = NOON + LEASE + timedelta(seconds=1)
    holder.heartbeat.delivery = replace(holder.delivery(), comes_back_at=back - timedelta(seconds=late))

    await holder.heartbeat.extend_visibility()

    assert len(holder.queue.hidden) == extensions
    await holder.heartbeat.hand_over()
    assert holder.queue.hidden[extensions:] == [timedelta(seconds=1)]
