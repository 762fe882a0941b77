"""When streams are read: at the ticks of one clock, so that text gathers and one wake-up serves them all."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from functions.worker.gathering import gather, tick_of
from functions.worker.settings import WorkerOptions
from tests.support.virtual_time import VirtualTimeLoop


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
    ("first", "then", "tick"), [(100, 250, 0.05), (2000, 2000, 0.05), (10, 250, 0.005), (100, 20, 0.01)]
)
def test_a_tick_is_short_beside_the_pause_between_two_frames(first: int, then: int, tick: float) -> None:
    options = WorkerOptions(first_frame_interval_milliseconds=first, frame_interval_milliseconds=then)

    assert tick_of(options) == pytest.approx(tick)
