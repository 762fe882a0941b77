"""The supervisor ends what it started, whatever happens to its parent."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.processes.process import Process

FAMILY = "sleep 60 & echo $! > {child}; sleep 60"
PATIENCE = 5.0


@pytest.fixture
def record(tmp_path: Path) -> Path:
    return tmp_path / "command.json"


def supervised(record: Path, script: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "local.processes.supervisor", str(record), "sh", "-c", script]
    return subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)


def until_it_exists(file: Path) -> str:
    give_up = time.monotonic() + PATIENCE
    while not (file.exists() and file.read_text()):
        assert time.monotonic() < give_up
        time.sleep(0.01)
    return file.read_text()


def family(tmp_path: Path, record: Path) -> Iterator[Process]:
    """Return the command and the child that it made."""
    yield Process.of(int(until_it_exists(tmp_path / "child")))
    until_it_exists(record)
    parent = Process.recorded(record)
    assert parent
    yield parent


def test_when_the_asker_lets_go_the_whole_family_ends(tmp_path: Path, record: Path) -> None:
    with supervised(record, FAMILY.format(child=tmp_path / "child")) as supervisor:
        processes = list(family(tmp_path, record))
        assert all(process.is_alive for process in processes)

        assert supervisor.stdin
        supervisor.stdin.close()
        supervisor.wait(PATIENCE)

    assert not any(process.is_alive for process in processes)
    assert not record.exists()


def test_when_the_command_ends_its_children_end_and_its_code_is_kept(tmp_path: Path, record: Path) -> None:
    with supervised(record, f"sleep 60 & echo $! > {tmp_path / 'child'}; exit 3") as supervisor:
        assert supervisor.wait(PATIENCE) == 3

    assert not Process.of(int((tmp_path / "child").read_text())).is_alive


def test_the_family_ends_even_if_the_asker_is_killed(tmp_path: Path, record: Path) -> None:
    asker = (
        "import sys, time; from subprocess import *; child = Popen(sys.argv[1:], stdin=PIPE); time.sleep(60)"
    )
    script = FAMILY.format(child=tmp_path / "child")
    command = [sys.executable, "-m", "local.processes.supervisor", str(record), "sh", "-c", script]
    with subprocess.Popen([sys.executable, "-c", asker, *command]) as process:
        processes = list(family(tmp_path, record))
        process.kill()

    give_up = time.monotonic() + PATIENCE
    while any(process.is_alive for process in processes):
        assert time.monotonic() < give_up
        time.sleep(0.01)
