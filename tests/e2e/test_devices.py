"""Two devices and a stale tab on the same chats; `python -m tests.faults.devices` plays for longer."""

from __future__ import annotations

import os
import random

import pytest

from tests.faults.devices import Devices
from tests.support.listener import Site

ACTIONS = int(os.environ.get("DEVICE_ACTIONS", "40"))
SEED = int(os.environ.get("DEVICE_SEED", random.SystemRandom().randrange(10**6)))


@pytest.mark.timeout(900)
async def test_whatever_two_devices_and_a_stale_tab_do_they_end_equal_and_no_turn_is_lost(site: Site) -> None:
    print(f"DEVICE_SEED={SEED}")  # pytest shows it with a failure.
    chance = random.Random(SEED)  # noqa: S311  a seed
    run = Devices(site, chance, ACTIONS, user=f"devices_{SEED}")

    await run.run()

    assert run.journal.turns
    assert run.returns
