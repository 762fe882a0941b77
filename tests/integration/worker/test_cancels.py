"""Stopping an answer, before, while and after a worker has it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from functions.shared.generations import Status
from functions.worker.delivery import Verdict
from tests.integration.worker.bench import TEXT, Bench, statuses, until
from tests.integration.worker.conftest import Server


@pytest.mark.fault(68)
async def test_cancelling_stops_the_model_within_two_seconds_and_keeps_the_text(
    bench: Bench, server: Server
) -> None:
    bench.open("a")
    bench.accept(rate=10)
    working = asyncio.create_task(bench.work())
    await until(lambda: "streaming" in statuses(bench.gateway.delivered.get("a", [])))

    asked = datetime.now(UTC)
    bench.submissions.ask_to_cancel("g1")
    await working

    assert server.model.calls[0].aborted
    assert server.model.calls[0].ended is not None
    assert server.model.calls[0].ended - asked.timestamp() < 2
    assert bench.state().status is Status.CANCELLED
    assert bench.stored() == bench.gateway.text("a") == TEXT[: len(bench.stored())] != ""
    assert statuses(bench.gateway.delivered["a"])[-1] == "cancelled"


@pytest.mark.fault(68)
async def test_cancelling_before_the_start_calls_no_model_and_is_told(bench: Bench, server: Server) -> None:
    bench.open("a")
    bench.accept()
    assert bench.submissions.cancel_queued("g1")

    verdict = await bench.work()

    assert verdict is Verdict.DONE
    assert server.model.calls == []
    assert statuses(bench.gateway.delivered["a"]) == ["cancelled"]
