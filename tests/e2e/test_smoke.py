"""What `make dev` brings up: the smoke test passes on it, and it ends when what started it is killed.

The smoke test says of each other check why it cannot be made there.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.config.fields import Config
from local.options import WORKERS
from local.state_dir import StateDir
from tests.support import canaries
from tests.support.busy import await_that
from tests.support.grants import Grants
from tests.support.lab import ROOT
from tests.support.listener import Site
from tools.deployed import settings_of
from tools.deployment import Deployment
from tools.smoke.table import CHECKS

NOT_HERE = {
    "subprotocol",
    "refusal-status",
    "refusal-body",
    "limit-32k-frame",
    "limit-128k-message",
    "limit-128k-post",
    "custom-domain",
    "route-settings",
    "access-log",
    "metric",
    "alarms",
    "alarm-state",
    "alarm-mail",
}


TEST_RUN = """
import sys, time
from pathlib import Path
from tests.support.lab import deployed
with deployed(Path(sys.argv[1]), ""):
    print("up", flush=True)
    time.sleep(3600)
"""
"""With the stand-in model, which takes any prompt."""


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("smoke")


@pytest.fixture(scope="module")
def test_run(state: Path) -> Iterator[subprocess.Popen[str]]:
    """A test run that has brought a system up."""
    command = [sys.executable, "-c", TEST_RUN, str(state)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as run:
        try:
            assert run.stdout is not None
            assert run.stdout.readline() == "up\n"
            yield run
        finally:
            run.kill()


@pytest.fixture
def site(test_run: object, state: Path) -> Site:
    return Site(**json.loads((state / "endpoints.json").read_text()))


@pytest.mark.timeout(600)
def test_every_check_passes_or_says_why_it_cannot_be_made(site: Site, state: Path) -> None:
    smoke = [sys.executable, "-m", "tools", "smoke", "--local", str(state), "--json"]
    ended = subprocess.run(smoke, check=False, cwd=ROOT, capture_output=True, text=True, timeout=280)

    told = json.loads(ended.stdout)
    outcomes = {each["check"]: each["outcome"] for each in told["findings"]}
    assert outcomes == {name: "not applicable here" if name in NOT_HERE else "ok" for name in CHECKS}, told
    assert (ended.returncode, ended.stderr) == (0, "")
    # The gateway tells it after the socket has closed.
    await_that(lambda: not Grants(site).slots_of("smoke"))


def test_a_deployments_settings_are_those_that_it_was_deployed_with(site: Site, state: Path) -> None:
    settings = settings_of(Deployment.of_local(state))

    assert settings.worker_max_concurrency == int(WORKERS)
    assert settings.frame_interval_milliseconds == Config().frame_interval_milliseconds
    assert settings.worker_memory_mb == Config().worker_memory_mb


def test_a_system_ends_when_the_test_run_that_started_it_is_killed(
    site: Site, state: Path, test_run: subprocess.Popen[str]
) -> None:
    """The last test of the system."""
    canaries.search(site, state)
    home = StateDir(state)
    processes = home.processes()
    assert {"emulator"} <= processes.keys()

    test_run.kill()

    await_that(lambda: not home.is_held and not any(process.is_alive for process in processes.values()))
    assert not home.endpoints.exists()
