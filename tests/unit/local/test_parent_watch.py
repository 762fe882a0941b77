"""What happens to a background process when the one that it works for is gone."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from local.processes.process import Process

PATIENCE = 10.0
WORKER = """
import os, pathlib, sys, time
from local.processes.parent_watch import end_with
def end(*_): raise KeyboardInterrupt
__import__("signal").signal(15, end)
end_with(int(sys.argv[1]))
pathlib.Path(sys.argv[2]).write_text(str(os.getpid()))
try:
    time.sleep(60)
except KeyboardInterrupt:
    pathlib.Path(sys.argv[3]).write_text("cleared up")
"""
OWNER = """
import os, subprocess, sys, time
subprocess.Popen([sys.executable, "-c", sys.argv[1], str(os.getpid()), *sys.argv[2:]], start_new_session=True)
time.sleep(60)
"""


def text_of(file: Path) -> str:
    give_up = time.monotonic() + PATIENCE
    while not (file.exists() and file.read_text()):
        assert time.monotonic() < give_up
        time.sleep(0.01)
    return file.read_text()


def test_it_ends_in_good_order_when_its_owner_is_killed(tmp_path: Path) -> None:
    pid, cleared = tmp_path / "pid", tmp_path / "cleared"
    with subprocess.Popen([sys.executable, "-c", OWNER, WORKER, str(pid), str(cleared)]) as owner:
        worker = Process.of(int(text_of(pid)))
        assert worker.is_alive
        owner.kill()

    assert text_of(cleared) == "cleared up"


def test_it_goes_on_for_as_long_as_its_owner_lives(tmp_path: Path) -> None:
    pid, cleared = tmp_path / "pid", tmp_path / "cleared"
    with subprocess.Popen([sys.executable, "-c", WORKER, str(os.getpid()), str(pid), str(cleared)]) as worker:
        text_of(pid)
        with pytest.raises(subprocess.TimeoutExpired):
            worker.wait(1.5)
        worker.terminate()


def test_it_ends_at_once_when_its_owner_is_gone_already(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        gone.wait()
    files = [str(tmp_path / "pid"), str(tmp_path / "cleared")]

    with subprocess.Popen(
        [sys.executable, "-c", WORKER, str(gone.pid), *files], stderr=subprocess.DEVNULL
    ) as worker:
        worker.wait(PATIENCE)
