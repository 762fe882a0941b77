"""Everybody at once."""

from __future__ import annotations

import asyncio
import time

import pytest

from tests.support.history import History
from tests.support.reconnecting_clients import ReconnectingClients
from tests.support.slots_in_table import slots_in_table


@pytest.mark.fault(40)
async def test_when_everybody_reconnects_at_once_all_are_back_and_nobody_has_too_many(
    history: History,
) -> None:
    """110 clients of 40 users, ten of whom want one socket more than they may have: 100 can be in."""
    wanted = {f"{history.user}-{n}": 4 if n < 10 else 3 if n < 20 else 2 for n in range(40)}
    storm = ReconnectingClients(history.lab.site)
    clients = [asyncio.create_task(storm.stay(user)) for user, count in wanted.items() for _ in range(count)]
    try:
        await storm.is_whole(wanted)
        first = set(storm.open)

        began = time.monotonic()
        storm.cut_off()
        await storm.is_whole(wanted)
        took = time.monotonic() - began

        assert storm.refused > 0
        assert first.isdisjoint(storm.open)
        assert storm.most <= 3
        for user, count in wanted.items():
            assert len(slots_in_table(history.lab, user)) == min(count, 3)
        assert took < 60
    finally:
        for client in clients:
            client.cancel()
        await asyncio.gather(*clients, return_exceptions=True)
