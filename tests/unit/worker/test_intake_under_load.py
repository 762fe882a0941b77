"""How long prompts wait for a worker, with a mapping like Lambda's: it hands over what one look found."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field

import pytest

from functions.worker.delivery import Delivery, Disposition
from functions.worker.intake import POLL, Intake, takes_for
from functions.worker.room import MeasuredRoom
from functions.worker.settings import IntakeOptions
from tests.support.fake_queue import FakeQueue

pytestmark = pytest.mark.virtual_time

WORKERS, BATCH, ROOM = 4, 5, 20
ANSWER = 10.0  # seconds
TAKES_WORK = 270.0  # seconds, of each invocation


def now() -> float:
    return asyncio.get_running_loop().time()


@dataclass
class Stack:
    """A queue, a mapping that starts a few workers, and how long each prompt waited until one began."""

    queue: list[tuple[str, float]] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    invocations: int = 0
    _busy: set[asyncio.Task[None]] = field(default_factory=set)

    async def serve(self, prompts: int, *, seconds: float) -> None:
        """Let so many prompts come in this time, one after another, and wait until all are answered."""
        for number in range(prompts):
            self.queue.append((f"m{number}", now()))
            self._start_workers()
            await asyncio.sleep(seconds / prompts)
        while self._busy:
            await asyncio.wait(self._busy, return_when=asyncio.FIRST_COMPLETED)
            self._start_workers()

    def _start_workers(self) -> None:
        while self.queue and len(self._busy) < WORKERS:
            self.invocations += 1
            invocation = asyncio.create_task(self._invoke(self._take(BATCH)))
            self._busy.add(invocation)
            invocation.add_done_callback(self._busy.discard)

    async def _invoke(self, handed_over: list[Delivery]) -> None:
        room = MeasuredRoom(options=IntakeOptions(worker_answers=ROOM), memory_used=lambda: 0)
        intake = Intake(work=self._work, receive=self._receive, room=room)
        await intake.run(handed_over, until=now() + takes_for(TAKES_WORK))

    async def _work(self, _delivery: Delivery) -> Disposition:
        await asyncio.sleep(ANSWER)
        return Disposition.ACK

    async def _receive(self, most: int) -> list[Delivery]:
        until = now() + POLL
        while not self.queue and now() < until:
            await asyncio.sleep(0.05)
        return self._take(most)

    def _take(self, most: int) -> list[Delivery]:
        taken, self.queue = self.queue[:most], self.queue[most:]
        self.waits += [now() - sent for _, sent in taken]
        return [
            Delivery(message_id=name, receipt_handle="r", body="", receive_count=1, queue=FakeQueue())
            for name, _ in taken
        ]


@pytest.mark.parametrize("users", [10, 20, 50, 80])
async def test_prompts_at_once_wait_for_no_answer_while_there_is_room(users: int) -> None:
    stack = Stack()

    await stack.serve(users, seconds=0.5)

    assert len(stack.waits) == users
    assert max(stack.waits) < 0.2


async def test_more_than_there_is_room_for_wait_for_the_first_answers_to_end() -> None:
    stack = Stack()

    await stack.serve(WORKERS * ROOM + 20, seconds=0.5)

    assert sum(wait > 0.2 for wait in stack.waits) == 20
    assert max(stack.waits) == pytest.approx(ANSWER, abs=0.5)


@pytest.mark.parametrize(("rate", "each"), [(0.5, 1.5), (1, 3), (3, 10)])
async def test_a_steady_flow_waits_for_nothing_and_shares_workers(rate: float, each: float) -> None:
    random.seed(1)
    stack = Stack()
    prompts = round(600 * rate)

    await stack.serve(prompts, seconds=600)

    assert len(stack.waits) == prompts
    assert sum(wait > 0.2 for wait in stack.waits) <= prompts / 100
    assert prompts / stack.invocations > each
