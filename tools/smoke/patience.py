"""Waits for what AWS delivers late: lines of logs, metrics, the states of alarms."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from tools.smoke.site import Site


async def patiently(site: Site, look: Callable[[], Any]) -> Any:
    """Look again and again until there is something, or patience ends."""
    found = await asyncio.to_thread(look)
    give_up = time.monotonic() + (0 if site.is_local else site.patience)
    while not found and time.monotonic() < give_up:
        await asyncio.sleep(site.pause)
        found = await asyncio.to_thread(look)
    return found
