"""A worker that receives by itself: it takes what no other is started for, and its death costs no answer."""

from __future__ import annotations

import asyncio
import signal
import time

import pytest

from tests.support.grants import Grants
from tests.support.history import Asked, History

ANSWERS = 20
SECONDS = 15
"""How long each answer takes, so that all are under way at once."""


async def under_way(history: History, asked: list[Asked]) -> None:
    """Wait until the model is telling all of these answers at the same time."""
    async with asyncio.timeout(60):
        while True:
            calls = [call for each in asked for call in history.lab.calls(each.key)]
            if len(calls) == len(asked):
                break
            await asyncio.sleep(0.1)
    assert all(call["ended"] is None for call in calls)


async def carried_by_one_worker(history: History) -> list[Asked]:
    """Let a worker begin with one answer and, while Lambda starts no other, take many more by itself."""
    first = await history.ask(history.user, rate=20, repeat=2 * SECONDS // 5, calls=2)
    await under_way(history, [first])
    with Grants(history.lab.site).queue_to_ourselves():
        more = [
            await history.ask(history.user, rate=20, repeat=SECONDS // 5, calls=2) for _ in range(ANSWERS - 1)
        ]
        await under_way(history, [first, *more])
    return [first, *more]


@pytest.mark.fault(61)
async def test_a_killed_worker_that_carried_twenty_answers_is_followed_by_others_for_each(
    history: History,
) -> None:
    listener = await history.listen(history.user)
    asked = await carried_by_one_worker(history)

    killed_at = time.time()
    assert history.lab.signal_workers(signal.SIGKILL) > 0
    heard = [await listener.hear(each.generation_id, seconds=90) for each in asked]

    again = [call["started"] - killed_at for each in asked for call in history.lab.calls(each.key)[1:]]
    assert [each.attempt for each in heard] == [2] * ANSWERS
    assert [each.text for each in heard] == [each.text for each in asked]
    assert len(again) == ANSWERS
    assert max(again) < 40
    print(f"begun again after {min(again):.1f} to {max(again):.1f} s")


async def test_a_worker_deletes_what_it_received_and_lambda_hears_only_of_its_own(history: History) -> None:
    before = in_the_queue(history)  # What another test's killed worker had, perhaps.
    listener = await history.listen(history.user)
    asked = await carried_by_one_worker(history)

    for each in asked:
        assert (await listener.hear(each.generation_id, seconds=60)).attempt == 1
    await asyncio.sleep(2)

    assert in_the_queue(history) <= before
    assert all(len(history.lab.calls(each.key)) == 1 for each in asked)


def in_the_queue(history: History) -> int:
    """Count what waits, and what is hidden because a worker has it or had it."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    answer = history.lab.aws("sqs").get_queue_attributes(
        QueueUrl=history.lab.site.queue_url, AttributeNames=names
    )
    return sum(map(int, answer["Attributes"].values()))
