"""Whether a recorded process is still the one that was started."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.processes.process import Process


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(["sleep", "60"], start_new_session=True) as process:
        yield process
        process.kill()


def test_a_process_is_known_by_pid_and_start(sleeper: subprocess.Popen[bytes], tmp_path: Path) -> None:
    Process.of(sleeper.pid).record(tmp_path / "one.json")

    known = Process.recorded(tmp_path / "one.json")

    assert known
    assert known.is_alive
    known.kill_group()
    sleeper.wait(5)
    assert not known.is_alive


def test_a_zombie_is_not_alive(sleeper: subprocess.Popen[bytes]) -> None:
    known = Process.of(sleeper.pid)

    known.stop()

    while known.is_alive:
        pass
    assert sleeper.returncode is None, "it has not been waited for yet"


def test_another_process_with_the_same_pid_is_left_alone(sleeper: subprocess.Popen[bytes]) -> None:
    earlier = Process(pid=sleeper.pid, started="long ago")

    earlier.stop()
    earlier.kill()
    earlier.kill_group()

    assert not earlier.is_alive
    assert Process.of(sleeper.pid).is_alive


@pytest.mark.parametrize("content", ["", "{", "{}", "[]", '{"pid": 1}'])
def test_a_broken_record_names_no_process(tmp_path: Path, content: str) -> None:
    (tmp_path / "one.json").write_text(content)

    assert Process.recorded(tmp_path / "one.json") is None


def test_an_unused_pid_is_not_alive() -> None:
    assert not Process.of(2**22 + 1).is_alive
