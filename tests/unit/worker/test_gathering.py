"""When streams are read: at the ticks of one clock, so that text gathers and one wake-up serves them all."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from functions.worker.gathering import READING, gather, tick_of, with_others
from functions.worker.settings import WorkerOptions
from tests.support.virtual_time import VirtualTimeLoop
from tests.unit.worker.builders import worker_options
from tests.unit.worker.test_fanout import Gateway, Room, connection


@dataclass
class FakeTransport:
    """Notes when it is paused, and when it goes on."""

    said: list[tuple[str, float]] = field(default_factory=list)

    def pause_reading(self) -> None:
        self.said.append(("paused", asyncio.get_running_loop().time()))

    def resume_reading(self) -> None:
        self.said.append(("resumed", asyncio.get_running_loop().time()))


def response_on(transport: object) -> Any:
    return SimpleNamespace(connection=SimpleNamespace(transport=transport))


def in_virtual_time(coroutine: Any) -> None:
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        runner.run(coroutine)


def test_streams_that_rest_at_different_moments_go_on_at_the_same() -> None:
    one, other = FakeTransport(), FakeTransport()

    async def rest() -> None:
        first = asyncio.create_task(gather(response_on(one), 0.02))
        await asyncio.sleep(0.013)
        await asyncio.gather(first, gather(response_on(other), 0.02))

    in_virtual_time(rest())

    assert [word for word, _ in one.said] == [word for word, _ in other.said] == ["paused", "resumed"]
    assert other.said[0][1] - one.said[0][1] == pytest.approx(0.013, abs=0.002)
    assert one.said[1][1] == other.said[1][1] == pytest.approx(0.02, abs=0.002)


@pytest.mark.parametrize(
    "response",
    [SimpleNamespace(connection=None), SimpleNamespace(connection=SimpleNamespace(transport=None))],
)
def test_a_response_that_has_ended_is_not_waited_for(response: Any) -> None:
    async def rest() -> None:
        await gather(response, 10)
        assert asyncio.get_running_loop().time() == 0

    in_virtual_time(rest())


def test_without_ticks_each_token_is_read_as_it_comes() -> None:
    transport = FakeTransport()

    in_virtual_time(gather(response_on(transport), 0))

    assert transport.said == []


@pytest.mark.parametrize(
    ("first", "then", "tick"),
    [(100, 250, 0.05), (2000, 2000, 0.05), (10, 250, 0.005), (100, 20, 0.01), (250, 120, 0.04)],
)
def test_a_tick_is_an_even_part_of_the_shortest_pause_between_two_frames(
    first: int, then: int, tick: float
) -> None:
    options = WorkerOptions(first_frame_interval_milliseconds=first, frame_interval_milliseconds=then)

    assert tick_of(options) == pytest.approx(tick)


@pytest.mark.parametrize(
    ("due", "sent"), [(7.105, 7.105), (7.129, 7.105), (7.131, 7.155), (7.081, 7.105), (7.079, 7.055)]
)
def test_a_frame_is_sent_just_after_the_nearest_tick(due: float, sent: float) -> None:
    assert with_others(due, 0.05) == pytest.approx(sent)


def test_without_ticks_a_frame_is_sent_when_it_is_due() -> None:
    assert with_others(7.129, 0) == 7.129


@dataclass
class TimedGateway(Gateway):
    """Notes when it was posted to."""

    times: list[float] = field(default_factory=list)

    async def post(self, connection_id: str, data: bytes) -> None:
        self.times.append(asyncio.get_running_loop().time())
        await super().post(connection_id, data)


def test_answers_that_began_at_different_moments_are_sent_at_the_same() -> None:
    one, other = TimedGateway(), TimedGateway()
    options = worker_options(first_frame_interval_milliseconds=100, frame_interval_milliseconds=250)
    tick = tick_of(options)

    async def begun_after(seconds: float, gateway: TimedGateway) -> None:
        await asyncio.sleep(seconds)
        room = Room(gateway, [connection("a")])
        room.fan_out.pacing.options = options
        await room.stream(200, pause=0.01)

    async def both() -> None:
        await asyncio.gather(begun_after(0, one), begun_after(0.017, other))

    in_virtual_time(both())

    frames = [time for gateway in (one, other) for time in gateway.times[6:-4]]
    assert len(frames) > 20
    assert {round(time % tick, 3) for time in frames} == {READING}
    assert set(map(round_to_ms, one.times[6:-4])) & set(map(round_to_ms, other.times[6:-4]))


def round_to_ms(time: float) -> int:
    return round(time * 1000)
