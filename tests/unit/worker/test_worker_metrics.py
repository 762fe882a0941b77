"""A worker writes what it measured each ten seconds and at its end, in one line."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from functions.shared.measurements import Measurements
from functions.shared.metrics import Metric
from functions.worker.measured_posts import MeasuredPosts, PostCounts
from functions.worker.ports import ConnectionGone, PostFailed, PostTooLarge, Throttled
from functions.worker.worker_metrics import WorkerMetrics

pytestmark = pytest.mark.virtual_time


class Log(list[dict[str, Any]]):
    """The lines of a log."""

    def write(self, line: str) -> None:
        self.append(json.loads(line))


@pytest.fixture
def log() -> Log:
    return Log()


@pytest.fixture
def counts() -> PostCounts:
    return PostCounts()


@pytest.fixture
def metrics(log: Log, counts: PostCounts) -> WorkerMetrics:
    measurements = Measurements(namespace="framestream", service="worker", write=log.write)
    return WorkerMetrics(measurements=measurements, posts=counts, latest=lambda: 0.25)


class Sockets:
    """A gateway that answers with what a test wants."""

    def __init__(self, *answers: Exception | None) -> None:
        self.answers = list(answers)

    async def post(self, connection_id: str, data: bytes) -> None:
        if (answer := self.answers.pop(0)) is not None:
            raise answer


async def test_a_busy_worker_tells_each_ten_seconds_and_at_its_end(metrics: WorkerMetrics, log: Log) -> None:
    async with metrics.written():
        for _ in range(2):
            metrics.measurements.add(Metric.QUEUE_WAIT, 5)
            await asyncio.sleep(10.5)

    assert [line.get("QueueWait") for line in log] == [5, 5, None]
    assert {line["EventLoopLag"] for line in log} == {250}


async def test_the_most_answers_side_by_side_are_told_for_each_ten_seconds(
    metrics: WorkerMetrics, log: Log
) -> None:
    async with metrics.written():
        with metrics.answering():
            with metrics.answering():
                await asyncio.sleep(1)
            await asyncio.sleep(20)

    assert [line["ActiveAnswers"] for line in log] == [2, 1, 1]


async def test_posts_are_summed_by_what_became_of_them(
    metrics: WorkerMetrics, counts: PostCounts, log: Log
) -> None:
    answers = (None, None, ConnectionGone("c"), PostTooLarge("413"), Throttled("c"), PostFailed("500"))
    posts = MeasuredPosts(posts=Sockets(*answers), counts=counts)

    for answer in answers:
        if answer is None:
            await posts.post("c1", b"four")
        else:
            with pytest.raises(type(answer)):
                await posts.post("c1", b"four")
    metrics.write()

    [line] = log
    assert (line["DeliveredPosts"], line["PostedBytes"]) == (2, 8)
    outcomes = ("GonePosts", "OversizedPosts", "ThrottledPosts", "FailedPosts")
    assert [line[name] for name in outcomes] == [1, 1, 1, 1]
    assert "c1" not in json.dumps(line)


async def test_what_did_not_occur_is_not_told(metrics: WorkerMetrics, counts: PostCounts, log: Log) -> None:
    counts.delivered(b"x")

    metrics.write()
    metrics.write()

    first, second = log
    assert first["DeliveredPosts"] == 1
    assert not {"DeliveredPosts", "ThrottledPosts"} & set(second)
