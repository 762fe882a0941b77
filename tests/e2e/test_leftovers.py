"""What a parallel test run that is killed outright leaves behind: nothing that runs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.support.busy import await_that

ONE_PROCESS = """
import os, time
from pathlib import Path

def test_that_takes_long():
    part = Path(__file__).with_name("pid.part")
    part.write_text(str(os.getpid()))
    part.rename(part.with_suffix(""))
    time.sleep(600)
"""


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
