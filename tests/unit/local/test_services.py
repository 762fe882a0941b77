"""Services in the background: ports, logs and their end."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

import pytest

from local.errors import PortInUse, ServiceDied, StepFailed
from local.processes.services import port_for, port_near, running
from local.state_dir import StateDir


@pytest.fixture
def state_dir(tmp_path: Path) -> StateDir:
    state_dir = StateDir(tmp_path)
    state_dir.make()
    return state_dir


def test_a_port_in_use_is_refused_with_advice() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        with pytest.raises(PortInUse, match=f"Port {port} is in use.*--llm-port"):
            port_for(port, "--llm-port")


def test_a_free_port_is_found() -> None:
    port = port_for(None, "--port")

    assert port_for(port, "--port") == port


def test_a_failed_command_is_told_with_its_reason_and_its_log(state_dir: StateDir) -> None:
    with (
        running(
            "Deploying",
            ["sh", "-c", "echo broken; exit 1"],
            state_dir=state_dir,
            name="deploy",
            environ=os.environ,
        ) as service,
        pytest.raises(StepFailed, match=r"Deploying failed: it was broken .*deploy\.log"),
    ):
        service.wait(reason=lambda log: f"it was {log.strip()}")


def test_a_server_that_ends_before_it_answers_is_reported(state_dir: StateDir) -> None:
    port = port_for(None, "--port")
    with (
        running(
            "The emulator", ["false"], state_dir=state_dir, name="emulator", environ=os.environ
        ) as service,
        pytest.raises(ServiceDied, match=r"The emulator ended by itself.*emulator\.log"),
    ):
        service.wait_until_it_answers(f"http://127.0.0.1:{port}/")


def test_a_server_lives_as_long_as_its_context(state_dir: StateDir) -> None:
    port = port_for(None, "--port")
    command = [sys.executable, "-m", "local.stand_in.server", "--port", str(port)]
    with running("The stand-in", command, state_dir=state_dir, name="standin", environ=os.environ) as service:
        service.wait_until_it_answers(f"http://127.0.0.1:{port}/v1/models")
        assert list(state_dir.processes()) == ["standin"]

    assert service.has_ended
    assert not state_dir.processes()
    assert port_for(port, "--port") == port


def test_a_port_that_is_wanted_but_taken_is_left_to_whoever_has_it() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        port = other.getsockname()[1]
        assert port_near(port) != port
        other.listen()
        assert port_near(port) != port

    assert port_near(port) == port


@pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="this machine has no IPv6")
def test_a_port_that_browsers_would_find_somebody_else_at_is_taken() -> None:
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as other:
        port = other.getsockname()[1]

        assert port_near(port) != port
