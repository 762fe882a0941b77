"""What is tried for as long as a lease lasts."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest

from functions.shared.errors import Unavailable
from functions.worker.lease import Lease, LeaseLost
from tests.unit.worker.builders import NOON

pytestmark = pytest.mark.virtual_time


def clock() -> datetime:
    return NOON + timedelta(seconds=asyncio.get_running_loop().time())


class Flaky:
    """Does not answer a few times."""

    def __init__(self, failures: int) -> None:
        self.failures = failures
        self.calls = 0

    async def call(self) -> str:
        self.calls += 1
        if self.calls <= self.failures:
            raise Unavailable("throttled")
        return "done"


async def test_an_outage_is_waited_for_while_the_lease_lasts() -> None:
    lease, flaky = Lease(NOON + timedelta(seconds=30), clock), Flaky(failures=20)

    assert await lease.retrying(flaky.call, warning="not yet") == "done"
    assert asyncio.get_running_loop().time() == 20


async def test_a_longer_outage_costs_the_lease() -> None:
    lease, flaky = Lease(NOON + timedelta(seconds=30), clock), Flaky(failures=1000)

    with pytest.raises(LeaseLost):
        await lease.retrying(flaky.call, warning="not yet")

    assert asyncio.get_running_loop().time() == 30


async def test_what_is_no_outage_is_not_tried_again() -> None:
    calls: list[str] = []

    async def wrong() -> None:
        calls.append("")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await Lease(NOON + timedelta(seconds=30), clock).retrying(wrong, warning="not yet")

    assert len(calls) == 1
