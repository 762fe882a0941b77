"""Workers that die or freeze, messages that come twice, and messages that are poison."""

from __future__ import annotations

import asyncio
import signal
import time

import pytest

from tests.support.history import History


@pytest.mark.fault(59)
async def test_a_message_delivered_many_times_at_once_makes_one_call(history: History) -> None:
    await history.listen(history.user)

    asked = await history.ask(history.user, rate=30)
    for _ in range(20):
        history.lab.deliver_again(asked.generation_id)
    await history.settle()

    assert len(history.lab.calls(asked.key)) == 1


@pytest.mark.fault(60, 66)
async def test_a_message_delivered_after_the_end_does_nothing(history: History) -> None:
    listener = await history.listen(history.user)
    asked = await history.ask(history.user, rate=0)
    await listener.hear(asked.generation_id)
    await asyncio.sleep(1)
    told = len(listener.messages)

    history.lab.deliver_again(asked.generation_id)
    await asyncio.sleep(3)

    assert len(history.lab.calls(asked.key)) == 1
    assert len(listener.messages) == told


@pytest.mark.fault(61)
async def test_a_worker_killed_at_its_very_start_is_not_waited_for(history: History) -> None:
    """It dies before it can say how long its message should be hidden: the reminder brings another one."""
    listener = await history.listen(history.user)
    history.lab.signal_workers(signal.SIGKILL)
    asked = await history.ask(history.user, rate=0, calls=2)

    # The emulator may first find out that the workers it had are dead, so the next one may take a while.
    killed, until = 0, time.monotonic() + 20
    while time.monotonic() < until:
        found = await asyncio.to_thread(history.lab.signal_workers, signal.SIGKILL)
        if found and not killed:
            until = time.monotonic() + 3
        killed += found
    await listener.hear(asked.generation_id, seconds=60)  # Nothing is asked over HTTP meanwhile.

    assert killed > 0


@pytest.mark.fault(61)
@pytest.mark.parametrize("moment", ["before the first text", "in the middle"])
async def test_a_killed_worker_is_followed_by_the_next_attempt(history: History, moment: str) -> None:
    listener = await history.listen(history.user)
    silence = [{"kind": "silence"}] if moment == "before the first text" else []
    asked = await history.ask(history.user, rate=20, faults=[*silence], calls=2)
    if silence:
        async with asyncio.timeout(60):
            while not history.lab.calls(asked.key):
                await asyncio.sleep(0.1)
    else:
        await listener.until(
            lambda: (
                asked.generation_id in listener.generations
                and len(listener.generations[asked.generation_id].text) > 100
            )
        )

    killed_at = time.monotonic()
    assert history.lab.signal_workers(signal.SIGKILL) > 0
    heard = await listener.hear(asked.generation_id, seconds=60)

    assert heard.attempt == 2
    assert heard.text == asked.text
    assert heard.ended_at - killed_at < 40


@pytest.mark.fault(61)
async def test_a_worker_killed_again_and_again_ends_in_a_failure_that_is_told(history: History) -> None:
    listener = await history.listen(history.user)
    asked = await history.ask(history.user, rate=5, endings="failed", calls=3)

    for attempt in (1, 2, 3):
        await listener.until(
            lambda: (
                asked.generation_id in listener.generations
                and listener.generations[asked.generation_id].attempt == attempt  # noqa: B023
                and listener.generations[asked.generation_id].text
            ),
            seconds=60,
        )
        history.lab.signal_workers(signal.SIGKILL)
    heard = await listener.hear(asked.generation_id, seconds=60)

    assert heard.error is not None
    assert heard.error["code"] == "worker_lost"


@pytest.mark.fault(62)
async def test_a_frozen_worker_that_wakes_up_writes_and_says_nothing(history: History) -> None:
    listener = await history.listen(history.user)
    asked = await history.ask(history.user, rate=10, calls=2, overlapping=True)
    await listener.until(
        lambda: asked.generation_id in listener.generations and listener.generations[asked.generation_id].text
    )

    frozen = history.lab.workers()
    history.lab.signal_workers(signal.SIGSTOP)
    try:
        await listener.until(lambda: listener.generations[asked.generation_id].attempt == 2, seconds=60)
    finally:
        woken = len(listener.messages)
        history.lab.signal_workers(signal.SIGCONT)
    heard = await listener.hear(asked.generation_id, seconds=60)

    assert frozen
    assert heard.text == asked.text
    assert [m["attempt"] for m in listener.messages[woken:] if m.get("attempt") == 1] == []


@pytest.mark.fault(64, 97)
async def test_poison_goes_to_the_dead_letters_and_the_rest_is_done(history: History) -> None:
    before = history.lab.dead_letters()
    sqs = history.lab.aws("sqs")
    for body in ("not json", '{"version": 99}'):
        sqs.send_message(QueueUrl=history.lab.site.queue_url, MessageBody=body)
    history.lab.deliver_again("0" * 32)

    await history.listen(history.user)
    await history.ask(history.user, rate=0)
    await history.settle()

    async with asyncio.timeout(120):
        while history.lab.dead_letters() < before + 3:
            await asyncio.sleep(1)
