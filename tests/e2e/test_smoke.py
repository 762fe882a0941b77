"""The smoke test passes on the local deployment, and says of each other check why it cannot be made there."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.config.fields import Config
from local.options import WORKERS
from tests.support.grants import Grants
from tests.support.lab import ROOT, deployed
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


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("smoke")


@pytest.fixture(scope="module")
def site(state: Path) -> Iterator[Site]:
    """One deployment as `make dev` brings it up: with the stand-in model, which takes any prompt."""
    with deployed(state, "") as site:
        yield site


@pytest.mark.timeout(600)
def test_every_check_passes_or_says_why_it_cannot_be_made(site: Site, state: Path) -> None:
    smoke = [sys.executable, "-m", "tools", "smoke", "--local", str(state), "--json"]
    ended = subprocess.run(smoke, check=False, cwd=ROOT, capture_output=True, text=True, timeout=280)

    told = json.loads(ended.stdout)
    outcomes = {each["check"]: each["outcome"] for each in told["findings"]}
    assert outcomes == {name: "not applicable here" if name in NOT_HERE else "ok" for name in CHECKS}, told
    assert (ended.returncode, ended.stderr) == (0, "")
    assert Grants(site).slots_of("smoke") == []


def test_a_deployments_settings_are_those_that_it_was_deployed_with(site: Site, state: Path) -> None:
    settings = settings_of(Deployment.of_local(state))

    assert settings.worker_max_concurrency == int(WORKERS)
    assert settings.frame_interval_milliseconds == Config().frame_interval_milliseconds
    assert settings.worker_memory_mb == Config().worker_memory_mb
