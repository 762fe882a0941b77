"""What the bill says of the worker is what it does: its calls, counted."""

from __future__ import annotations

import json
from collections import Counter
from functools import partial

import pytest

from tests.integration.worker.worker_fixture import WorkerFixture
from tests.support.metered import recorded
from tools.costs import answer_usage
from tools.costs.calls import CALLS

RATE = 15
"""Deltas a second, so that an answer takes more than two beats."""


@pytest.mark.parametrize("rate", [0, RATE], ids=["at once", "in some seconds"])
async def test_an_answer_uses_what_is_calculated(
    rate: float, bench: WorkerFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.open("a")
    bench.accept(rate=rate)
    beats = _counted_beats(bench, monkeypatch)
    counted = recorded(monkeypatch)

    await bench.work()

    expected = _expected(beats)
    for call in ("UpdateItem", "PutItem", "GetItem", "TransactedUpdate", "TransactedPut"):
        assert counted[call] == expected[call], call
    assert counted["Query"] == pytest.approx(expected["Query"], abs=1)
    assert set(counted) <= set(expected)
    assert (len(beats[answer_usage.LOOK]) > 1) == (rate > 0)
    assert len(bench.hidden) == 1


async def test_each_earlier_turn_that_a_prompt_is_sent_with_is_one_query(
    bench: WorkerFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        bench.accept(generation_id=f"g{number}")
        await bench.work(bench.delivery(body=json.dumps({"version": 2, "generation_id": f"g{number}"})))
    bench.accept(generation_id="g3")
    beats = _counted_beats(bench, monkeypatch)
    counted = recorded(monkeypatch)

    await bench.work(bench.delivery(body=json.dumps({"version": 2, "generation_id": "g3"})))

    turn = CALLS["earlier turn that a prompt is sent with"]
    expected = _expected(beats)
    assert counted["Query"] == pytest.approx(expected["Query"] + 3 * turn["Query"], abs=1)
    assert counted["GetItem"] == expected["GetItem"]


async def test_a_message_of_what_has_ended_costs_one_write(
    bench: WorkerFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.accept()
    await bench.work()
    counted = recorded(monkeypatch)

    await bench.work(bench.delivery("the reminder"))

    assert counted == CALLS["message of an answer that has ended"]


def _counted_beats(bench: WorkerFixture, monkeypatch: pytest.MonkeyPatch) -> dict[str, list[None]]:
    """Count the beats from now on: on a slow machine an answer takes more of them."""
    return {
        answer_usage.RENEWAL: _counted(bench, monkeypatch, "beat"),
        answer_usage.LOOK: _counted(bench, monkeypatch, "look"),
    }


def _expected(beats: dict[str, list[None]]) -> Counter[str]:
    expected = Counter(CALLS["answer"])
    for event, times in beats.items():
        expected.update({call: number * len(times) for call, number in CALLS[event].items()})
    return expected


def _counted(bench: WorkerFixture, monkeypatch: pytest.MonkeyPatch, call: str) -> list[None]:
    calls: list[None] = []
    made = getattr(type(bench.transitions), call)

    def counting(transitions: object, *arguments: object, **named: object) -> bool:
        calls.append(None)
        return bool(partial(made, transitions)(*arguments, **named))

    monkeypatch.setattr(type(bench.transitions), call, counting)
    return calls
