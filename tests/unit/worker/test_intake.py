"""What one invocation takes on: as much as there is room and time for, and nothing once it is idle."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from functions.shared.errors import Unavailable
from functions.worker.delivery import Delivery, Disposition
from functions.worker.intake import MOST_AT_ONCE, POLL, Intake
from tests.support.fake_queue import FakeQueue

pytestmark = pytest.mark.virtual_time


def now() -> float:
    return asyncio.get_running_loop().time()


def delivery(message_id: str) -> Delivery:
    return Delivery(message_id=message_id, receipt_handle="r", body="{}", receive_count=1, queue=FakeQueue())


@dataclass
class Arrivals:
    """A queue whose messages arrive at given times: each poll waits for the first of them."""

    at: dict[str, float] = field(default_factory=dict)
    polls: list[tuple[float, int]] = field(default_factory=list)
    """When each poll began, and how many messages it asked for."""
    is_away: Callable[[], bool] = lambda: False
    waits: bool = True

    async def __call__(self, most: int) -> list[Delivery]:
        self.polls.append((now(), most))
        if self.is_away():
            raise Unavailable("EndpointConnectionError")
        until = now() + POLL
        while self.waits and now() < until and not self._here():
            await asyncio.sleep(min([until, *(at for at in self.at.values() if at > now())]) - now())
        taken = self._here()[:most]
        for message_id in taken:
            del self.at[message_id]
        return [delivery(message_id) for message_id in taken]

    def _here(self) -> list[str]:
        return [message_id for message_id, at in self.at.items() if at <= now()]


@dataclass
class FakeRoom:
    most: int = 20

    def left(self, answers: int) -> int:
        return max(self.most - answers, 0)


@dataclass
class Shift:
    """One invocation: whose answers take their seconds, and what it did."""

    seconds: dict[str, float] = field(default_factory=dict)
    usual: float = 1
    queue: Arrivals = field(default_factory=Arrivals)
    room: FakeRoom = field(default_factory=FakeRoom)
    began: dict[str, float] = field(default_factory=dict)
    at_once: int = 0
    _now_working: int = 0

    async def work(self, delivery: Delivery) -> Disposition:
        self.began[delivery.message_id] = now()
        self._now_working += 1
        self.at_once = max(self.at_once, self._now_working)
        await asyncio.sleep(self.seconds.get(delivery.message_id, self.usual))
        self._now_working -= 1
        return Disposition.RETRY if delivery.message_id.startswith("again") else Disposition.ACK

    async def run(self, *handed_over: str, until: float = 800) -> list[Disposition]:
        intake = Intake(work=self.work, receive=self.queue, room=self.room)
        return await intake.run([delivery(each) for each in handed_over], until=until)


async def test_what_arrives_while_a_worker_is_busy_begins_at_once() -> None:
    shift = Shift(seconds={"first": 30}, queue=Arrivals({"second": 3.2, "third": 17.9}))

    await shift.run("first")

    assert shift.began == {"first": 0, "second": 3.2, "third": 17.9}


async def test_what_arrives_keeps_a_worker_busy_that_would_have_been_done() -> None:
    arrivals = {f"m{number}": 0.7 * number for number in range(1, 100)}
    shift = Shift(queue=Arrivals(dict(arrivals)))

    await shift.run("first")

    assert shift.began == {"first": 0, **arrivals}


async def test_a_worker_with_nothing_to_do_ends_when_its_poll_does() -> None:
    shift = Shift(seconds={"first": 3.5}, queue=Arrivals({"late": 4.5}))

    await shift.run("first")

    assert now() == 4
    assert "late" in shift.queue.at


async def test_what_the_last_poll_brings_is_worked_on() -> None:
    shift = Shift(seconds={"first": 3.5}, queue=Arrivals({"just in time": 3.9}))

    await shift.run("first")

    assert shift.began["just in time"] == 3.9


async def test_no_more_is_taken_than_there_is_room_for() -> None:
    arrivals = Arrivals({f"m{n}": 0 for n in range(50)})
    shift = Shift(seconds={"first": 100}, usual=10, queue=arrivals, room=FakeRoom(20))

    await shift.run("first")

    assert shift.at_once == 20
    assert len(shift.began) == 51
    assert max(most for _, most in shift.queue.polls) == MOST_AT_ONCE


async def test_without_room_the_queue_is_left_alone_until_an_answer_has_ended() -> None:
    shift = Shift(seconds={"a": 5, "b": 60}, queue=Arrivals({"c": 1}), room=FakeRoom(2))

    await shift.run("a", "b")

    first, most = shift.queue.polls[0]
    assert first == pytest.approx(5)
    assert most == 1
    assert shift.began["c"] == pytest.approx(5)


async def test_room_that_comes_back_by_itself_is_used() -> None:
    shift = Shift(seconds={"a": 60}, queue=Arrivals({"b": 1}), room=FakeRoom(0))
    asyncio.get_running_loop().call_at(10, lambda: setattr(shift.room, "most", 20))

    await shift.run("a")

    assert shift.began["b"] == pytest.approx(10, abs=0.2)


async def test_what_was_handed_over_is_worked_on_whatever_room_there_is() -> None:
    shift = Shift(room=FakeRoom(0))

    await shift.run("a", "b", "c")

    assert shift.at_once == 3


async def test_near_the_end_of_its_time_a_worker_takes_nothing_more_and_ends_what_it_has() -> None:
    shift = Shift(seconds={"first": 100}, queue=Arrivals({"early": 49, "late": 51}))

    await shift.run("first", until=50)

    assert now() == 100
    assert set(shift.began) == {"first", "early"}


async def test_only_the_outcome_of_what_was_handed_over_is_told_in_its_order() -> None:
    shift = Shift(seconds={"a": 9}, queue=Arrivals({"again, own": 1, "own": 2}))

    assert await shift.run("a", "again, handed over") == [Disposition.ACK, Disposition.RETRY]
    assert {"again, own", "own"} <= set(shift.began)


@pytest.mark.parametrize("queue", [Arrivals(waits=False), Arrivals(is_away=lambda: True)])
async def test_a_queue_that_answers_without_waiting_is_asked_once_a_second(queue: Arrivals) -> None:
    shift = Shift(seconds={"first": 9.5}, queue=queue)

    await shift.run("first")

    assert [began for began, _ in queue.polls] == list(range(10))


async def test_after_an_outage_of_the_queue_work_is_taken_again() -> None:
    queue = Arrivals({"second": 1}, is_away=lambda: now() < 5)
    shift = Shift(seconds={"first": 10}, queue=queue)

    await shift.run("first")

    assert shift.began["second"] == 5
