"""What becomes of a generation whose dead letter was redriven: an answer, or an end that its user hears."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from functions.shared.generations.failures import Failure
from functions.shared.generations.model import Status
from functions.worker.delivery import Disposition
from functions.worker.model import Model
from tests.integration.tools.conftest import Site
from tests.integration.worker.conftest import http_clients, model, provider, server
from tests.integration.worker.worker_fixture import TEXT, WorkerFixture, statuses

Run = Callable[..., int]
PAST = datetime(2026, 1, 1, tzinfo=UTC)

__all__ = ["http_clients", "model", "provider", "server"]  # Fixtures of the worker's tests.


@pytest.fixture
def bench(site: Site, model: Model) -> WorkerFixture:
    """A worker beside the site."""
    bench = WorkerFixture(site.dynamodb, model)
    bench.open("a")
    return bench


async def redrive(site: Site, run: Run, bench: WorkerFixture) -> Disposition:
    """Redrive the generation's letter, and let a worker have what comes of it."""
    site.bury()
    assert run("redrive", "g1") == 0
    [body] = site.queued()
    return await bench.work(bench.delivery("redriven", body=body))


async def test_one_that_was_never_begun_is_made(site: Site, run: Run, bench: WorkerFixture) -> None:
    bench.accept()

    assert await redrive(site, run, bench) is Disposition.ACK

    assert (bench.state().status, bench.gateway.text("a")) == (Status.COMPLETED, TEXT)


async def test_one_whose_worker_died_is_made_as_the_next_attempt(
    site: Site, run: Run, bench: WorkerFixture
) -> None:
    bench.accept()
    site.claim(lease_until=PAST)

    assert await redrive(site, run, bench) is Disposition.ACK

    assert (bench.state().status, bench.state().attempt) == (Status.COMPLETED, 2)


async def test_one_whose_workers_all_died_fails_and_its_user_is_told(
    site: Site, run: Run, bench: WorkerFixture
) -> None:
    bench.accept()
    for _ in range(3):
        site.claim(lease_until=PAST)

    assert await redrive(site, run, bench) is Disposition.ACK

    assert failure(bench) is Failure.WORKER_LOST
    assert statuses(bench.gateway.delivered["a"]) == ["failed"]


async def test_one_that_is_too_old_expires_and_its_user_is_told(
    site: Site, run: Run, bench: WorkerFixture
) -> None:
    bench.accept(start_by=datetime.now(UTC) - timedelta(seconds=1))

    assert await redrive(site, run, bench) is Disposition.ACK

    assert failure(bench) is Failure.EXPIRED
    assert statuses(bench.gateway.delivered["a"]) == ["failed"]


async def test_one_whose_end_nobody_told_is_told(site: Site, run: Run, bench: WorkerFixture) -> None:
    bench.accept()
    bench.cancel()

    assert await redrive(site, run, bench) is Disposition.ACK

    assert statuses(bench.gateway.delivered["a"]) == ["cancelled"]


def failure(bench: WorkerFixture) -> Failure | None:
    outcome = bench.state().outcome
    assert outcome is not None
    return outcome.failure
