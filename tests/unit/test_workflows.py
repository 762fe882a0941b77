"""The delivery on GitHub: nothing is trusted by a name that can move, and no key is stored."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / ".github" / "workflows"
WORKFLOWS: dict[str, dict[str, Any]] = {
    # "on" is a word for true in YAML, and its own key here.
    file.name: yaml.load(file.read_text(), Loader=yaml.BaseLoader)  # noqa: S506 - it makes texts only.
    for file in FOLDER.glob("*.yml")
}
STAGES = {file.stem for file in (ROOT / "stages").glob("*.json")}
JOBS = [(name, job) for workflow in WORKFLOWS.values() for name, job in workflow["jobs"].items()]
STEPS = [step for _, job in JOBS for step in job.get("steps", [])]
ONLY_READ = {"contents": "read"}


def test_there_are_workflows_to_look_at() -> None:
    assert WORKFLOWS.keys() == {"delivery.yml", "deploy.yml"}


@pytest.mark.parametrize("used", [step["uses"] for step in STEPS if "uses" in step])
def test_actions_are_named_by_commit(used: str) -> None:
    assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", used)


@pytest.mark.parametrize("name", WORKFLOWS)
def test_a_workflow_may_only_read_and_stores_no_key(name: str) -> None:
    text = (FOLDER / name).read_text()

    assert WORKFLOWS[name]["permissions"] == ONLY_READ
    assert "secrets." not in text
    assert "pull_request_target" not in text
    assert not re.search(r"AKIA|aws-access-key-id|aws-secret-access-key", text)


@pytest.mark.parametrize(("name", "job"), JOBS, ids=[name for name, _ in JOBS])
def test_only_jobs_of_an_environment_can_ask_for_an_identity(name: str, job: dict[str, Any]) -> None:
    permissions = job.get("permissions", ONLY_READ)

    assert permissions in (ONLY_READ, ONLY_READ | {"id-token": "write"})
    if "id-token" in permissions:
        assert "environment" in job or job["uses"] == "./.github/workflows/deploy.yml"


@pytest.mark.parametrize("step", [step for step in STEPS if "run" in step])
def test_nothing_from_outside_is_put_into_a_shell(step: dict[str, Any]) -> None:
    assert "${{" not in step["run"]


def test_the_stages_are_those_that_have_a_file() -> None:
    delivery, deploy = WORKFLOWS["delivery.yml"]["jobs"], WORKFLOWS["deploy.yml"]["on"]

    assert set(delivery["diff"]["strategy"]["matrix"]["stage"]) == STAGES
    assert set(deploy["workflow_dispatch"]["inputs"]["stage"]["options"]) == STAGES
    assert {delivery[stage]["with"]["stage"] for stage in ("dev", "prod")} == STAGES


def test_prod_waits_for_dev_and_dev_for_the_tests() -> None:
    jobs = WORKFLOWS["delivery.yml"]["jobs"]

    assert (jobs["dev"]["needs"], jobs["prod"]["needs"]) == ("check", "dev")


def test_a_deployment_is_never_broken_off_by_the_next() -> None:
    assert WORKFLOWS["deploy.yml"]["jobs"]["deploy"]["concurrency"]["cancel-in-progress"] == "false"
