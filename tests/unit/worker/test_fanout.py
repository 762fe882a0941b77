"""Posting to each connection at its own pace."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from functions.shared.connections.model import Connection
from functions.shared.generations.model import Outcome, Status
from functions.worker.answer_text import AnswerText
from functions.worker.fanout import FanOut
from functions.worker.lease import Lease
from functions.worker.message_sequence import MessageSequence
from functions.worker.pacing import Pacing
from functions.worker.ports import ConnectionGone, PostFailed, Throttled
from functions.worker.status_messages import OPENING
from tests.unit.worker.builders import generation, worker_options

QUICK = worker_options(first_frame_interval_milliseconds=10, frame_interval_milliseconds=10)
PATIENCE = timedelta(seconds=3)


@dataclass
class Gateway:
    """Delivers frames, but for what `trouble` raises."""

    trouble: Callable[[str, int], Exception | None] = lambda _id, _count: None
    delivered: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    tried: dict[str, int] = field(default_factory=dict)
    in_flight: set[str] = field(default_factory=set)

    async def post(self, connection_id: str, data: bytes) -> None:
        assert connection_id not in self.in_flight, "two posts at once to one connection"
        self.in_flight.add(connection_id)
        try:
            await asyncio.sleep(0.002)
        finally:  # A worker that is killed has no post in flight any more.
            self.in_flight.discard(connection_id)
        self.tried[connection_id] = self.tried.get(connection_id, 0) + 1
        error = self.trouble(connection_id, self.tried[connection_id])
        if error is not None:
            raise error
        self.delivered.setdefault(connection_id, []).append(json.loads(data))

    def text(self, connection_id: str, *, attempt: int | None = None) -> str:
        text = ""
        for message in self.delivered.get(connection_id, []):
            frame = message.get("frame", {})
            if "delta" in frame and attempt in {None, message["attempt"]}:
                assert frame["offset"] == len(text)
                text += frame["delta"]
        return text


def connection(connection_id: str, *, age: timedelta = timedelta(minutes=1)) -> Connection:
    now = datetime.now(UTC)
    return Connection(
        connection_id=connection_id,
        user_id="ada",
        connected_at=now - age,
        expires_at=now + timedelta(hours=1),
    )


@dataclass
class Room:
    """An fan_out whose connections a test can change."""

    gateway: Gateway
    present: list[Connection]
    lease: Lease = field(default_factory=lambda: Lease(datetime.now(UTC) + timedelta(seconds=30)))
    forgotten: list[str] = field(default_factory=list)
    answer: AnswerText = field(default_factory=lambda: AnswerText(attempt=1))

    def __post_init__(self) -> None:
        self.fan_out = FanOut(
            sequence=MessageSequence(generation(), self.answer, opening=OPENING),
            posts=self.gateway,
            lease=self.lease,
            connections=lambda: self.present,
            forget=self.forgotten.append,
            pacing=Pacing(options=QUICK),
        )

    async def stream(self, words: int, *, pause: float = 0.002) -> str:
        """Write words, end the answer, and let everybody hear it."""
        await self.fan_out.refresh()
        for number in range(words):
            self.answer.append(f"w{number} ")
            self.fan_out.notify()
            await asyncio.sleep(pause)
        self.answer.outcome = Outcome(status=Status.COMPLETED, length=len(self.answer), finish_reason="stop")
        await self.fan_out.drain(PATIENCE)
        await self.fan_out.close()
        return self.answer.text


async def test_every_connection_gets_the_whole_text_in_order() -> None:
    room = Room(Gateway(), [connection("a"), connection("b"), connection("c")])

    text = await room.stream(100)

    assert [room.gateway.text(name) for name in "abc"] == [text] * 3
    assert all(room.gateway.delivered[name][-1]["status"] == "completed" for name in "abc")


@pytest.mark.virtual_time
async def test_text_is_merged_so_that_frames_are_fewer_than_words() -> None:
    room = Room(Gateway(), [connection("a")])

    await room.stream(100)

    assert room.gateway.tried["a"] < 60


@pytest.mark.virtual_time
async def test_reasoning_is_merged_too_also_that_of_a_later_attempt() -> None:
    room = Room(Gateway(), [connection("a")])
    room.answer.append("Otters")
    await room.fan_out.refresh()
    room.fan_out.notify()
    room.answer.restart(2)
    room.fan_out.notify()

    room.present.append(connection("b"))
    await room.fan_out.refresh()
    for number in range(100):
        room.answer.reason(f"r{number} ")
        room.fan_out.notify()
        await asyncio.sleep(0.002)
    await room.fan_out.close()

    assert len(room.gateway.delivered["b"]) < 60
    assert room.gateway.delivered["b"][-1]["type"] == "llm_part"


async def test_failed_and_throttled_posts_lose_and_repeat_nothing() -> None:
    faults = {3: Throttled("a"), 6: PostFailed("500"), 7: PostFailed("500"), 9: Throttled("a")}
    room = Room(Gateway(lambda _id, count: faults.get(count)), [connection("a")])

    text = await room.stream(50)

    assert room.gateway.text("a") == text


@pytest.mark.fault(46)
@pytest.mark.virtual_time
async def test_a_connection_that_is_throttled_does_not_slow_the_others() -> None:
    room = Room(
        Gateway(lambda name, _count: Throttled(name) if name == "slow" else None),
        [connection("slow"), connection("quick")],
    )
    reading = asyncio.create_task(room.stream(50))

    while (
        not room.gateway.delivered.get("quick")
        or room.gateway.delivered["quick"][-1].get("status") != "completed"
    ):
        await asyncio.sleep(0.01)

    assert not reading.done()
    assert room.gateway.text("slow") == ""
    await reading


async def test_a_connection_that_has_gone_is_forgotten_and_the_rest_go_on() -> None:
    room = Room(
        Gateway(lambda name, count: ConnectionGone(name) if name == "gone" and count > 5 else None),
        [connection("gone"), connection("here")],
    )

    text = await room.stream(50)

    assert room.forgotten == ["gone"]
    assert room.gateway.text("here") == text


@pytest.mark.fault(70)
async def test_a_connection_whose_handshake_has_not_ended_is_tried_again_and_kept() -> None:
    room = Room(
        Gateway(lambda name, count: ConnectionGone(name) if count <= 2 else None),
        [connection("young", age=timedelta(seconds=1))],
    )

    text = await room.stream(20)

    assert room.gateway.text("young") == text
    assert room.forgotten == []


async def test_a_connection_that_joins_late_gets_everything_from_the_start() -> None:
    room = Room(Gateway(), [])
    await room.fan_out.refresh()
    room.answer.append("already written ")
    room.present.append(connection("late"))

    text = await room.stream(10)

    assert room.gateway.text("late") == text


async def test_nothing_is_said_while_the_lease_may_be_anothers() -> None:
    lease = Lease(datetime.now(UTC) - timedelta(seconds=1))
    room = Room(Gateway(), [connection("a")], lease=lease)
    await room.fan_out.refresh()
    await asyncio.sleep(0.05)
    silent = dict(room.gateway.tried)

    lease.until = datetime.now(UTC) + timedelta(seconds=30)
    text = await room.stream(5)

    assert silent == {}
    assert room.gateway.text("a") == text


@pytest.mark.fault(46)
async def test_those_who_never_read_are_not_waited_for_longer_than_the_patience() -> None:
    room = Room(Gateway(lambda name, _count: Throttled(name)), [connection("never")])
    await room.fan_out.refresh()
    room.answer.append("text")
    room.answer.outcome = Outcome(status=Status.COMPLETED, length=4, finish_reason="stop")

    await asyncio.wait_for(room.fan_out.drain(timedelta(milliseconds=50)), timeout=30)

    await room.fan_out.close()
