"""Ends this process, in good order, when the process that it works for is gone.

A system that was brought up in the background has no parent that could tell it anything: a test run that is
killed outright cannot ask it to end. So it looks by itself.
"""

from __future__ import annotations

import os
import signal
import time
from threading import Thread

from local.processes.process import Process

INTERVAL = 0.5  # Seconds.


def end_with(pid: int) -> None:
    """Send SIGTERM to this process as soon as that one has ended, however it ended."""
    Thread(target=_watch, args=[Process.of(pid)], daemon=True).start()


def _watch(process: Process) -> None:
    while process.is_alive:
        time.sleep(INTERVAL)
    os.kill(os.getpid(), signal.SIGTERM)
