"""What becomes of a message that could not be worked on."""

from __future__ import annotations

from datetime import timedelta

import pytest
from botocore.exceptions import EndpointConnectionError

from functions.worker import handler
from functions.worker.delivery import Delivery, Verdict


class Queue:
    """Cannot be reached the first few times."""

    def __init__(self, failures: int) -> None:
        self.failures = failures
        self.hidden: list[timedelta] = []

    def hide(self, _receipt: str, duration: timedelta) -> None:
        if self.failures:
            self.failures -= 1
            raise EndpointConnectionError(endpoint_url="https://sqs")
        self.hidden.append(duration)


class Broken:
    """A worker to whom everything goes wrong."""

    async def work(self, *_: object, **__: object) -> Verdict:
        raise ZeroDivisionError


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handler, "HIDING", (0,) * len(handler.HIDING))
    monkeypatch.setattr(handler, "worker", Broken)


def delivery(queue: Queue, *, count: int = 1) -> Delivery:
    return Delivery(
        message_id="m1", receipt_handle="r1", body="{}", receive_count=count, hide_message=queue.hide
    )


@pytest.mark.parametrize(("count", "seconds"), [(1, 2), (3, 8), (20, 60)])
async def test_it_comes_back_soon_and_later_each_time(count: int, seconds: int) -> None:
    queue = Queue(failures=0)

    verdict = await handler.attempt(delivery(queue, count=count), until=0)

    assert (verdict, queue.hidden) == (Verdict.AGAIN, [timedelta(seconds=seconds)])


async def test_it_comes_back_soon_although_the_queue_could_not_be_reached_at_first() -> None:
    queue = Queue(failures=len(handler.HIDING) - 1)

    await handler.attempt(delivery(queue), until=0)

    assert queue.hidden == [timedelta(seconds=2)]


async def test_a_queue_that_cannot_be_reached_is_left_alone_at_last() -> None:
    queue = Queue(failures=1000)

    assert await handler.attempt(delivery(queue), until=0) is Verdict.AGAIN
    assert queue.failures == 1000 - len(handler.HIDING)
