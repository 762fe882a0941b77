"""`status` and `down`: whether a system is up, and its end."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from local.endpoints import Endpoints
from local.errors import NotRunning
from local.paths import shown
from local.processes.process import Process
from local.processes.services import answers

if TYPE_CHECKING:
    from local.state_dir import StateDir

CLEARED_UP_WITHIN = 60.0  # Seconds; it takes one or two unless the machine is very busy.


def status(state_dir: StateDir) -> str:
    """Describe the system that is up in this state_dir.

    Raises:
        NotRunning: If there is none.
    """
    if not state_dir.is_held:
        raise NotRunning(state_dir.directory)
    if not state_dir.endpoints.exists():
        return f"Coming up or going down; logs are in {shown(state_dir.log('up').parent)}."
    endpoints = Endpoints.of(state_dir)
    processes = "".join(
        f"\n  {name}: process {process.pid}" for name, process in state_dir.processes().items()
    )
    health = "answers" if answers(f"{endpoints.http_url}/health") else "does not answer"
    page = f"Page       {endpoints.page_url}\n" if endpoints.page_url else ""
    return (
        f"Up, and {health}.{processes}\n"
        f"{page}"
        f"WebSocket  {endpoints.websocket_url}\n"
        f"HTTP       {endpoints.http_url}\n"
        f"Model      {endpoints.llm_base_url}\n"
        f"Endpoints  {shown(state_dir.endpoints)}\n"
        f"Logs       {shown(state_dir.log('up').parent)}"
    )


def down(state_dir: StateDir) -> bool:
    """End the system of this home and whatever an earlier one left; say whether one was up."""
    if not state_dir.directory.exists():
        return False
    was_held = state_dir.is_held
    holder = Process.recorded(state_dir.holder)
    if was_held and holder:
        holder.stop()
        _wait_until_left(state_dir)
    if state_dir.is_held and holder:
        holder.kill()
        _wait_until_left(state_dir)
    with state_dir.held():  # Clears up.
        pass
    return was_held


def _wait_until_left(state_dir: StateDir) -> None:
    give_up = time.monotonic() + CLEARED_UP_WITHIN
    while state_dir.is_held and time.monotonic() < give_up:
        time.sleep(0.05)
