"""The directory that holds a local system's state."""

from __future__ import annotations

import os
import stat
import subprocess
from pathlib import Path

import pytest

from local.endpoints import Endpoints
from local.errors import AlreadyRunning, NotRunning
from local.processes.process import Process
from local.state_dir import StateDir
from local.status import down, status

ENDPOINTS = Endpoints(
    websocket_url="ws://127.0.0.1:1/prod",
    http_url="http://127.0.0.1:1",
    page_url="http://localhost:5173",
    jwt_secret="s" * 32,
    origin="http://localhost:5173",
    llm_base_url="http://127.0.0.1:2/v1",
    table_name="table",
    queue_url="http://127.0.0.1:1/queue",
    dead_letter_queue_url="http://127.0.0.1:1/dead",
    aws_endpoint_url="http://127.0.0.1:1",
    region="us-east-1",
)


@pytest.fixture
def state_dir(tmp_path: Path) -> StateDir:
    return StateDir(tmp_path / "state")


def test_one_system_at_a_time_lives_in_a_state_directory(state_dir: StateDir) -> None:
    with state_dir.held():
        assert state_dir.is_held
        with pytest.raises(AlreadyRunning, match="--state"), state_dir.held():
            pass

    assert not state_dir.is_held


def test_nobody_else_can_read_a_state_directory(state_dir: StateDir) -> None:
    with state_dir.held():
        ENDPOINTS.write(state_dir)

        assert stat.S_IMODE(state_dir.directory.stat().st_mode) == 0o700
        assert stat.S_IMODE(state_dir.endpoints.stat().st_mode) == 0o600


def test_endpoints_are_read_as_they_were_written(state_dir: StateDir) -> None:
    with state_dir.held():
        ENDPOINTS.write(state_dir)

        assert Endpoints.of(state_dir) == ENDPOINTS


def test_the_secret_is_not_shown() -> None:
    assert ENDPOINTS.jwt_secret not in repr(ENDPOINTS)


def test_endpoints_of_a_killed_system_are_not_given_out(state_dir: StateDir) -> None:
    state_dir.make()
    ENDPOINTS.write(state_dir)

    with pytest.raises(NotRunning, match="make dev"):
        Endpoints.of(state_dir)


def test_whoever_comes_next_ends_and_removes_what_a_killed_system_left(state_dir: StateDir) -> None:
    state_dir.make()
    ENDPOINTS.write(state_dir)
    (state_dir.scratch / "left").touch()
    with subprocess.Popen(["sleep", "60"], start_new_session=True) as orphan:
        Process.of(orphan.pid).record(state_dir.record("emulator"))
        assert list(state_dir.processes()) == ["emulator"]

        with state_dir.held():
            orphan.wait(5)

            assert not state_dir.processes()
            assert not state_dir.endpoints.exists()
            assert not list(state_dir.scratch.iterdir())


def test_a_home_knows_who_holds_it(state_dir: StateDir) -> None:
    with state_dir.held():
        assert Process.recorded(state_dir.holder) == Process.of(os.getpid())

    assert not state_dir.holder.exists()


def test_logs_outlive_their_system(state_dir: StateDir) -> None:
    with state_dir.held():
        state_dir.log("emulator").write_text("what happened")

    assert state_dir.log("emulator").read_text() == "what happened"


def test_down_has_nothing_to_do_where_nothing_is_up(state_dir: StateDir) -> None:
    assert down(state_dir) is False
    assert not state_dir.directory.exists()


def test_down_ends_what_a_killed_system_left(state_dir: StateDir) -> None:
    state_dir.make()
    with subprocess.Popen(["sleep", "60"], start_new_session=True) as orphan:
        Process.of(orphan.pid).record(state_dir.record("emulator"))

        assert down(state_dir) is False
        orphan.wait(5)


def test_status_says_when_nothing_is_up(state_dir: StateDir) -> None:
    with pytest.raises(NotRunning):
        status(state_dir)
