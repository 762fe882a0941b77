"""What a worker settles, however a generation ends: what was held is gone, what was used is counted."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from functions.shared.budgets.counters import count_from, periods_of
from functions.shared.budgets.items import line_from
from functions.shared.budgets.ledger import BudgetLedger
from functions.shared.budgets.model import Amount, Count, LedgerLine, Scope
from functions.shared.budgets.prices import Prices
from functions.shared.budgets.sweep import Sweep
from functions.shared.dynamodb import message_key
from functions.shared.generations.model import Generation, Status
from functions.shared.transactions import Transactions
from functions.worker import stopping
from tests.integration.worker.conftest import Server
from tests.integration.worker.worker_fixture import DELTAS, WorkerFixture, statuses, until
from tests.support.environment import TABLE_NAME
from tests.support.ledgers import FakeEnds

PRICES = Prices().parse("stand-in=1/0.5/2")
USED = Amount(7 + len(DELTAS), 7 + 2 * len(DELTAS))
"""As the model server counts."""


def accept(bench: WorkerFixture, *faults: dict[str, Any], **facts: Any) -> Generation:
    """Accept a prompt of a user who has a budget."""
    bench.set_options(llm_prices=PRICES, llm_max_output_tokens=500, user_budget=(("day_tokens", 10**6),))
    bench.__post_init__()
    accepted = bench.accept(*faults, **facts)
    transactions = Transactions(bench.client, TABLE_NAME)
    sweep = Sweep(transactions=transactions, ends=FakeEnds(), options=bench.options, count=lambda: None)
    ledger = BudgetLedger(client=bench.client, table=TABLE_NAME, options=bench.options, sweep=sweep)
    transactions.run(ledger.hold(accepted, input_tokens=100, now=accepted.created_at).entries)
    assert count(bench).held == Amount(600, 1100)
    return accepted


def count(bench: WorkerFixture) -> Count:
    day, _ = periods_of(Scope.USER, "ada", datetime.now(UTC))
    return count_from(bench.client.get_item(TableName=TABLE_NAME, Key=day.key).get("Item", {}))


def lines(bench: WorkerFixture) -> list[LedgerLine]:
    items: Any = bench.client.scan(TableName=TABLE_NAME)["Items"]
    parts = [item for item in items if item["sk"]["S"].startswith("LINE#")]
    assert not [item for item in items if item["sk"]["S"].startswith("HOLD#")], "a hold is left"
    return [line_from(item) for item in sorted(parts, key=lambda item: str(item["sk"]["S"]))]


async def test_a_whole_answer_is_settled_with_the_providers_count(bench: WorkerFixture) -> None:
    bench.open("a")
    accept(bench)

    await bench.work()

    assert count(bench).used == count(bench).committed == USED
    assert [line.amount for line in lines(bench)] == [USED]
    [response] = [each for each in bench.gateway.delivered["a"] if each["type"] == "llm_response"]
    assert response["data"]["cost"] == USED.micros


async def test_a_redelivered_message_settles_nothing_more(bench: WorkerFixture) -> None:
    accept(bench)

    await bench.work()
    await bench.work(bench.delivery("m2", count=2))

    assert count(bench).used == USED
    assert len(lines(bench)) == 1


async def test_an_attempt_that_broke_off_is_the_operators(bench: WorkerFixture) -> None:
    accept(bench, {"kind": "cut", "after": 5})

    await bench.work()

    void, whole = lines(bench)
    assert (void.is_void, void.is_estimate, whole.is_void, whole.amount) == (True, True, False, USED)
    assert count(bench).used == USED


async def test_a_stopped_answer_is_settled_by_what_came_and_is_paid(
    bench: WorkerFixture, server: Server
) -> None:
    bench.open("a")
    accept(bench, rate=10)
    working = asyncio.create_task(bench.work())
    await until(lambda: "streaming" in statuses(bench.gateway.delivered.get("a", [])))

    bench.submissions.request_cancel("g1")
    await working

    [line] = lines(bench)
    assert (line.is_void, line.is_estimate) == (False, True)
    assert line.output_tokens > 0
    assert count(bench).used == count(bench).committed == line.amount
    outcome = bench.state().outcome
    assert outcome is not None
    assert (outcome.status, outcome.cost) == (Status.CANCELLED, line.micros)


async def test_an_answer_that_is_stopped_near_its_end_is_settled_with_the_count(
    bench: WorkerFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stopping, "READING_ON", 30)  # A busy machine streams slowly.
    bench.open("a")
    accept(bench, rate=len(DELTAS) / 3)
    working = asyncio.create_task(bench.work())
    # A second has gone by, and the next beat comes a second before the end.
    await until(lambda: len(bench.stored()) > 0)

    bench.submissions.request_cancel("g1")
    await working

    [line] = lines(bench)
    assert (line.is_estimate, line.amount) == (False, USED)
    outcome = bench.state().outcome
    assert outcome is not None
    assert outcome.usage is not None
    assert outcome.length < sum(map(len, DELTAS))


async def test_a_refused_prompt_has_used_nothing(bench: WorkerFixture) -> None:
    accept(bench, {"kind": "status", "code": 400})

    await bench.work()

    assert bench.state().status is Status.FAILED
    assert lines(bench) == []
    assert count(bench).committed == Amount()


async def test_what_a_killed_worker_used_is_estimated_by_the_stored_text(
    bench: WorkerFixture,
) -> None:
    accepted = accept(bench)
    now = datetime.now(UTC)
    bench.transitions.claim(
        "g1", owner="killed", message_id="m0", lease_until=now - timedelta(seconds=1), max_attempts=3, now=now
    )
    bench.transitions.save(accepted, 1, 0, "x" * 30)

    await bench.work(bench.delivery(count=2))

    lost, whole = lines(bench)
    assert (lost.attempt, lost.is_void, lost.is_estimate, lost.output_tokens) == (1, True, True, 10)
    assert lost.input_tokens >= len(json.dumps(DELTAS)) // 3
    assert whole.amount == count(bench).used == USED


async def test_a_generation_whose_workers_were_all_killed_is_settled_by_its_end(bench: WorkerFixture) -> None:
    accepted = accept(bench)
    for attempt in (1, 2, 3):
        now = datetime.now(UTC)
        over = now - timedelta(seconds=1)
        bench.transitions.claim(
            "g1", owner=f"w{attempt}", message_id="m", lease_until=over, max_attempts=3, now=now
        )
        bench.transitions.save(accepted, attempt, 0, "x" * 30)

    await bench.work(bench.delivery(count=4))

    assert bench.state().status is Status.FAILED
    assert [line.is_void for line in lines(bench)] == [True, True, False]
    assert count(bench).used == count(bench).committed == lines(bench)[-1].amount


async def test_what_waited_too_long_gives_its_hold_back(bench: WorkerFixture) -> None:
    accept(bench, start_by=datetime.now(UTC) - timedelta(minutes=1))

    await bench.work()

    assert bench.state().status is Status.FAILED
    assert lines(bench) == []
    assert count(bench).committed == Amount()


async def test_an_end_is_settled_even_if_the_prompt_was_deleted_meanwhile(bench: WorkerFixture) -> None:
    accepted = accept(bench)
    for attempt in (1, 2, 3):
        now = datetime.now(UTC)
        over = now - timedelta(seconds=1)
        bench.transitions.claim(
            "g1", owner=f"w{attempt}", message_id="m", lease_until=over, max_attempts=3, now=now
        )
    key = message_key(accepted.user_id, accepted.chat_id, accepted.prompt_number)
    bench.client.delete_item(TableName=TABLE_NAME, Key=key)

    await bench.work(bench.delivery(count=4))

    assert bench.state().status is Status.FAILED
    assert count(bench).held == Amount()
