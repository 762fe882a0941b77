"""What listeners hear while an answer is made, and when its stream breaks."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from functions.shared.generations.failures import Failure
from functions.shared.generations.model import Status
from functions.worker.delivery import Disposition
from tests.integration.worker.conftest import BOTH, Server
from tests.integration.worker.worker_fixture import TEXT, WorkerFixture, statuses


@pytest.mark.fault(78)
async def test_an_answer_reaches_every_socket_of_its_user_and_nobody_elses(bench: WorkerFixture) -> None:
    bench.open("a")
    bench.open("b")
    bench.open("x", user_id="eve")
    bench.accept(rate=200)

    disposition = await bench.work()

    assert disposition is Disposition.ACK
    assert bench.gateway.text("a") == bench.gateway.text("b") == bench.stored() == TEXT
    assert "x" not in bench.gateway.tried
    assert statuses(bench.gateway.delivered["a"]) == [
        "started", "processing", "thinking", "streaming", "completed",
    ]  # fmt: skip
    outcome = bench.state().outcome
    assert outcome is not None
    assert (outcome.status, outcome.finish_reason, outcome.length) == (Status.COMPLETED, "stop", len(TEXT))


@pytest.mark.fault(54)
async def test_without_a_listener_the_answer_is_finished_and_kept(bench: WorkerFixture) -> None:
    bench.accept()

    await bench.work()

    assert (bench.state().status, bench.stored()) == (Status.COMPLETED, TEXT)


@pytest.mark.fault(71)
async def test_a_socket_that_opens_in_the_middle_gets_everything(bench: WorkerFixture) -> None:
    bench.accept(rate=15)
    working = asyncio.create_task(bench.work())
    await asyncio.sleep(1)

    bench.open("late")
    await asyncio.sleep(1.5)
    so_far = bench.gateway.text("late")
    await working

    assert so_far.startswith(TEXT[:50])
    assert bench.gateway.text("late") == TEXT


@BOTH
@pytest.mark.parametrize("kind", ["cut", "end", "malformed", "error_object", "stall"])
@pytest.mark.fault(86)
async def test_a_stream_that_breaks_off_begins_again_as_the_next_attempt(
    bench: WorkerFixture, kind: str
) -> None:
    bench.open("a")
    bench.accept({"kind": kind, "after": 10}, rate=200)

    await bench.work()

    last = [m for m in bench.gateway.delivered["a"] if m.get("attempt") == 2]
    deltas = [m["frame"]["delta"] for m in last if "delta" in m.get("frame", {})]
    assert "".join(deltas) == bench.stored() == TEXT
    assert bench.state().status is Status.COMPLETED


@BOTH
@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "status", "code": 503},
        {"kind": "status", "code": 429, "retry_after": 1},
        {"kind": "status", "code": 408},
        {"kind": "error_object", "after": 0},
        {"kind": "cut", "after": 0},
    ],
    ids=lambda fault: f"{fault['kind']} {fault.get('code', '')}",
)
@pytest.mark.fault(81)
async def test_what_fails_before_any_text_is_repeated_within_the_attempt(
    bench: WorkerFixture, server: Server, fault: dict[str, Any]
) -> None:
    bench.open("a")
    bench.accept(fault)

    await bench.work()

    assert (bench.state().status, bench.state().attempt, bench.stored()) == (Status.COMPLETED, 1, TEXT)
    first, second = server.model.calls
    assert second.started - first.started >= fault.get("retry_after", 0.05)
    assert {message["attempt"] for message in bench.gateway.delivered["a"] if "attempt" in message} == {1}


@BOTH
@pytest.mark.fault(81)
async def test_a_provider_that_asks_for_a_longer_wait_than_is_left_is_told_as_busy_at_once(
    bench: WorkerFixture, server: Server
) -> None:
    bench.open("a")
    bench.accept(*[{"kind": "status", "code": 429, "retry_after": 45}] * 3)

    await bench.work()

    assert len(server.model.calls) == 1
    assert bench.gateway.delivered["a"][-2]["code"] == "llm_rate_limited"


@BOTH
@pytest.mark.fault(65)
async def test_a_model_that_always_breaks_off_fails_after_the_last_attempt(
    bench: WorkerFixture, server: Server
) -> None:
    bench.open("a")
    bench.accept(*[{"kind": "end", "after": 3}] * 5)

    disposition = await bench.work()

    assert disposition is Disposition.ACK
    assert len(server.model.calls) == 3
    outcome = bench.state().outcome
    assert outcome is not None
    assert outcome.failure is Failure.INCOMPLETE
    assert bench.gateway.delivered["a"][-2]["code"] == "llm_incomplete"
    assert statuses(bench.gateway.delivered["a"])[-1] == "failed"


@BOTH
@pytest.mark.fault(89)
async def test_the_user_hears_nothing_of_what_the_provider_said(bench: WorkerFixture) -> None:
    bench.open("a")
    bench.accept({"kind": "status", "code": 400})

    await bench.work()

    assert bench.gateway.delivered["a"][-2]["code"] == "llm_rejected"
    assert "canary" not in json.dumps(bench.gateway.delivered)


@pytest.mark.fault(82)
async def test_an_answer_that_takes_longer_than_allowed_fails_with_its_text_kept(
    bench: WorkerFixture,
) -> None:
    bench.set_options(generation_timeout_seconds=1)
    bench.accept(rate=10)

    await bench.work()

    outcome = bench.state().outcome
    assert outcome is not None
    assert outcome.failure is Failure.TIMEOUT
    assert bench.stored() == TEXT[: outcome.length] != ""
