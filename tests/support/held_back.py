"""Prompts that stay in the queue, while Lambda starts no worker."""

from __future__ import annotations

import asyncio
from typing import Any

from functions.worker.intake import POLL
from tests.support.history import Asked, History

TRIES = 10


async def held_back(history: History, **plan: Any) -> Asked:
    """Ask until a prompt stays in the queue: a worker that an earlier answer keeps up takes what it finds."""
    for _ in range(TRIES):
        asked = await history.ask(history.user, **plan)
        await asyncio.sleep(2 * POLL)
        if (await history.read(asked))["status"] == "queued":
            return asked
        await history.settle()
    raise AssertionError("a worker was up all the time")
