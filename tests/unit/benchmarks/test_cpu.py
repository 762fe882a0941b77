from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from benchmarks.cpu import metered

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="there is no /proc here")

BURN = "import time\nwhile time.process_time() < 0.5: pass\ntime.sleep({rest})"
START_ONE = "import subprocess, sys; subprocess.run([sys.executable, '-c', sys.argv[1], 'child'])"


@pytest.mark.slow
def test_a_part_is_charged_with_what_it_and_its_children_spend() -> None:
    command = [sys.executable, "-c", START_ONE, BURN.format(rest=1)]
    with subprocess.Popen(command) as process, metered({process.pid: "parent"}, part_of) as meter:
        process.wait()

    assert meter.spent()["child"] == pytest.approx(0.5, abs=0.2)
    assert meter.spent()["parent"] < 0.4


@pytest.mark.slow
def test_what_was_spent_before_is_not_charged() -> None:
    with subprocess.Popen([sys.executable, "-c", BURN.format(rest=3)]) as process:
        time.sleep(2)
        with metered({process.pid: "ours"}, lambda _command: None) as meter:
            process.wait()

    assert meter.spent()["ours"] < 0.3


def part_of(command: str) -> str | None:
    return "child" if command.strip().endswith("child") else None
