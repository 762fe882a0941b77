"""`status` and `down`: whether a system is up, and its end."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from local.endpoints import Endpoints
from local.paths import shown
from local.processes import Process
from local.services import answers
from local.trouble import NotRunning

if TYPE_CHECKING:
    from local.home import Home

CLEARED_UP_WITHIN = 60.0  # Seconds; it takes one or two unless the machine is very busy.


def status(home: Home) -> str:
    """Describe the system that is up in this home.

    Raises:
        NotRunning: If there is none.
    """
    if not home.is_held:
        raise NotRunning(home.directory)
    if not home.endpoints.exists():
        return f"Coming up or going down; logs are in {shown(home.log('up').parent)}."
    endpoints = Endpoints.of(home)
    processes = "".join(f"\n  {name}: process {process.pid}" for name, process in home.processes().items())
    health = "answers" if answers(f"{endpoints.http_url}/health") else "does not answer"
    page = f"Page       {endpoints.page_url}\n" if endpoints.page_url else ""
    return (
        f"Up, and {health}.{processes}\n"
        f"{page}"
        f"WebSocket  {endpoints.websocket_url}\n"
        f"HTTP       {endpoints.http_url}\n"
        f"Model      {endpoints.llm_base_url}\n"
        f"Endpoints  {shown(home.endpoints)}\n"
        f"Logs       {shown(home.log('up').parent)}"
    )


def down(home: Home) -> bool:
    """End the system of this home and whatever an earlier one left; say whether one was up."""
    if not home.directory.exists():
        return False
    was_held = home.is_held
    holder = Process.recorded(home.holder)
    if was_held and holder:
        holder.stop()
        _wait_until_left(home)
    if home.is_held and holder:
        holder.kill()
        _wait_until_left(home)
    with home.held():  # Clears up.
        pass
    return was_held


def _wait_until_left(home: Home) -> None:
    give_up = time.monotonic() + CLEARED_UP_WITHIN
    while home.is_held and time.monotonic() < give_up:
        time.sleep(0.05)
