from __future__ import annotations

import os
import stat
import subprocess
from pathlib import Path

import pytest

from local.endpoints import Endpoints
from local.home import Home
from local.processes import Process
from local.status import down, status
from local.trouble import AlreadyRunning, NotRunning

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
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "state")


def test_one_system_at_a_time_lives_in_a_home(home: Home) -> None:
    with home.held():
        assert home.is_held
        with pytest.raises(AlreadyRunning, match="--state"), home.held():
            pass

    assert not home.is_held


def test_nobody_else_can_read_a_home(home: Home) -> None:
    with home.held():
        ENDPOINTS.write(home)

        assert stat.S_IMODE(home.directory.stat().st_mode) == 0o700
        assert stat.S_IMODE(home.endpoints.stat().st_mode) == 0o600


def test_endpoints_are_read_as_they_were_written(home: Home) -> None:
    with home.held():
        ENDPOINTS.write(home)

        assert Endpoints.of(home) == ENDPOINTS


def test_the_secret_is_not_shown() -> None:
    assert ENDPOINTS.jwt_secret not in repr(ENDPOINTS)


def test_endpoints_of_a_killed_system_are_not_given_out(home: Home) -> None:
    home.make()
    ENDPOINTS.write(home)

    with pytest.raises(NotRunning, match="make dev"):
        Endpoints.of(home)


def test_whoever_comes_next_ends_and_removes_what_a_killed_system_left(home: Home) -> None:
    home.make()
    ENDPOINTS.write(home)
    (home.scratch / "left").touch()
    with subprocess.Popen(["sleep", "60"], start_new_session=True) as orphan:
        Process.of(orphan.pid).record(home.record("emulator"))
        assert list(home.processes()) == ["emulator"]

        with home.held():
            orphan.wait(5)

            assert not home.processes()
            assert not home.endpoints.exists()
            assert not list(home.scratch.iterdir())


def test_a_home_knows_who_holds_it(home: Home) -> None:
    with home.held():
        assert Process.recorded(home.holder) == Process.of(os.getpid())

    assert not home.holder.exists()


def test_logs_outlive_their_system(home: Home) -> None:
    with home.held():
        home.log("emulator").write_text("what happened")

    assert home.log("emulator").read_text() == "what happened"


def test_down_has_nothing_to_do_where_nothing_is_up(home: Home) -> None:
    assert down(home) is False
    assert not home.directory.exists()


def test_down_ends_what_a_killed_system_left(home: Home) -> None:
    home.make()
    with subprocess.Popen(["sleep", "60"], start_new_session=True) as orphan:
        Process.of(orphan.pid).record(home.record("emulator"))

        assert down(home) is False
        orphan.wait(5)


def test_status_says_when_nothing_is_up(home: Home) -> None:
    with pytest.raises(NotRunning):
        status(home)
