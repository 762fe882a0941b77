"""Every generation ends once, and its end is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import EndpointConnectionError

from functions.shared.connections.model import Connection
from functions.shared.generations.model import Outcome, Status
from functions.worker.delivery import Disposition
from tests.integration.worker.conftest import Server
from tests.integration.worker.worker_fixture import TEXT, WorkerFixture, statuses


@pytest.mark.fault(58)
async def test_work_that_is_too_old_is_not_sent_to_the_model(bench: WorkerFixture, server: Server) -> None:
    bench.open("a")
    bench.accept(start_by=datetime.now(UTC) - timedelta(seconds=1))

    await bench.work()

    assert server.model.calls == []
    assert bench.gateway.delivered["a"][0]["code"] == "expired"


async def test_when_all_attempts_have_died_the_user_is_told(bench: WorkerFixture, server: Server) -> None:
    bench.open("a")
    accepted = bench.accept()
    past = datetime.now(UTC) - timedelta(minutes=5)
    for number in range(3):
        now = past + timedelta(minutes=number)
        claim = bench.transitions.claim(
            "g1", owner=f"w{number}", message_id="m1", lease_until=now, max_attempts=3, now=now
        )
        assert claim is not None
        assert claim.is_ours
    bench.transitions.save(accepted, 3, 0, "what there is")

    disposition = await bench.work(bench.delivery(count=4))

    assert disposition is Disposition.ACK
    assert server.model.calls == []
    assert bench.gateway.delivered["a"][-2]["code"] == "worker_lost"
    assert bench.stored() == "what there is"


@pytest.mark.fault(61)
async def test_an_end_that_nobody_told_is_told_by_the_next_delivery(
    bench: WorkerFixture, server: Server
) -> None:
    accepted = bench.accept()
    past = datetime.now(UTC) - timedelta(minutes=5)
    claim = bench.transitions.claim(
        "g1", owner="w1", message_id="m1", lease_until=past, max_attempts=3, now=past
    )
    assert claim is not None
    bench.transitions.save(accepted, 1, 0, TEXT)

    bench.transitions.finish(
        claim.generation,
        1,
        Outcome(status=Status.COMPLETED, length=len(TEXT), finish_reason="stop"),
        now=datetime.now(UTC),
    )
    bench.open("a")

    await bench.work(bench.delivery(count=2))

    assert server.model.calls == []
    assert bench.gateway.text("a") == TEXT
    assert statuses(bench.gateway.delivered["a"]) == ["streaming", "completed"]


async def test_an_end_that_was_told_after_the_lease_is_told_again(bench: WorkerFixture) -> None:
    bench.open("a")
    bench.accept()
    bench.set_options(lease_seconds=0)

    disposition = await bench.work()

    assert disposition is Disposition.RETRY
    assert not bench.state().announced


async def test_an_end_is_told_although_the_connections_could_not_be_read_at_first(
    bench: WorkerFixture,
) -> None:
    bench.open("a")
    bench.accept()
    failures = 3
    readable = bench.connections

    class Unreadable:
        """The registry, whose list cannot be read a few times."""

        def of_user(self, user_id: str, *, now: datetime) -> list[Connection]:
            nonlocal failures
            failures -= 1
            if failures >= 0:
                raise EndpointConnectionError(endpoint_url="http://dynamodb")
            return readable.of_user(user_id, now=now)

        def release(self, connection_id: str) -> bool:
            return readable.release(connection_id) is not None

    bench.connections = Unreadable()  # type: ignore[assignment]

    disposition = await bench.work()

    assert disposition is Disposition.ACK
    assert failures < 0
    assert bench.gateway.text("a") == TEXT
    assert statuses(bench.gateway.delivered["a"])[-1] == "completed"
