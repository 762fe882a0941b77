"""What the bill says of the worker is what it does: its calls, counted."""

from __future__ import annotations

from functools import partial

import pytest

from tests.integration.test_costs import POST_READS, POST_WRITES
from tests.integration.worker.worker_fixture import WorkerFixture
from tests.support.metered import metered
from tools.costs import usage
from tools.costs.prices import Item

RATE = 15
"""Deltas a second, so that an answer takes more than two beats."""


@pytest.mark.parametrize("rate", [0, RATE], ids=["at once", "in some seconds"])
async def test_an_answer_uses_what_is_calculated(
    rate: float, bench: WorkerFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.open("a")
    bench.accept(rate=rate)
    renewals, looks = _counted(bench, monkeypatch, "beat"), _counted(bench, monkeypatch, "look")
    counted = metered(monkeypatch)

    await bench.work()

    assert POST_WRITES + counted[Item.WRITE] == usage.ANSWER_WRITES + 2 * len(renewals) + len(looks)
    assert POST_READS + counted[Item.READ] == pytest.approx(
        usage.ANSWER_READS + len(renewals) + 2 * len(looks), abs=1
    )
    assert (len(looks) > 1) == (rate > 0)
    assert len(bench.hidden) == 1


async def test_a_message_of_what_has_ended_costs_one_write(
    bench: WorkerFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.accept()
    await bench.work()
    counted = metered(monkeypatch)

    await bench.work(bench.delivery("the reminder"))

    assert counted == {Item.WRITE: 1}


def _counted(bench: WorkerFixture, monkeypatch: pytest.MonkeyPatch, call: str) -> list[None]:
    calls: list[None] = []
    made = getattr(type(bench.transitions), call)

    def counting(transitions: object, *arguments: object, **named: object) -> bool:
        calls.append(None)
        return bool(partial(made, transitions)(*arguments, **named))

    monkeypatch.setattr(type(bench.transitions), call, counting)
    return calls
