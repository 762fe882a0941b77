"""What a test run that is killed outright leaves behind: nothing that runs."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from local.state_dir import StateDir
from tests.support.lab import ROOT

PATIENCE = 30.0
TEST_RUN = """
import sys, time
from pathlib import Path
from tests.support.lab import deployed, model_server
with model_server() as model_url, deployed(Path(sys.argv[1]), model_url):
    print("up", flush=True)
    time.sleep(600)
"""

ONE_PROCESS = """
import os, time
from pathlib import Path

def test_that_takes_long():
    part = Path(__file__).with_name("pid.part")
    part.write_text(str(os.getpid()))
    part.rename(part.with_suffix(""))
    time.sleep(600)
"""


def test_a_system_ends_when_the_test_run_that_started_it_is_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-c", TEST_RUN, str(tmp_path)]
    home = StateDir(tmp_path)
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        assert run.stdout.readline() == "up\n"
        processes = home.processes()
        assert {"emulator"} <= processes.keys()
        run.kill()

    await_that(lambda: not home.is_held and not any(process.is_alive for process in processes.values()))
    assert not home.endpoints.exists()


def test_the_processes_of_a_test_run_end_when_it_is_killed(tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").touch()
    (tmp_path / "test_long.py").write_text(ONE_PROCESS)
    command = [sys.executable, "-m", "pytest", "-n", "1", "-c", "pytest.ini"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.DEVNULL) as run:
        try:
            await_that((tmp_path / "pid").exists)
        finally:
            run.kill()
    pid = int((tmp_path / "pid").read_text())

    await_that(lambda: not is_running(pid))


def is_running(pid: int) -> bool:
    """Whether a process lives; one that has not been waited for yet does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def await_that(holds: Callable[[], bool]) -> None:
    give_up = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < give_up
        time.sleep(0.1)
