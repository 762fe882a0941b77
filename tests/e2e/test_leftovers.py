"""What a test run that is killed outright leaves behind: nothing that runs."""

from __future__ import annotations

import subprocess
import sys
import time
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


def test_a_system_ends_when_the_test_run_that_started_it_is_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-c", TEST_RUN, str(tmp_path)]
    home = StateDir(tmp_path)
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        assert run.stdout.readline() == "up\n"
        processes = home.processes()
        assert {"emulator"} <= processes.keys()
        run.kill()

    give_up = time.monotonic() + PATIENCE
    while home.is_held or any(process.is_alive for process in processes.values()):
        assert time.monotonic() < give_up
        time.sleep(0.1)
    assert not home.endpoints.exists()
