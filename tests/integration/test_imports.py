"""What importing a handler needs and costs: no environment, and no other function's packages."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from functions.shared.snapshots import HOOKS

ROOT = Path(__file__).parents[2]
FUNCTIONS = sorted(folder.parent.name for folder in ROOT.glob("functions/*/handler.py"))
HTTP_CLIENTS = {"aiohttp", "httpx", "httpx2", "openai"}
TOOLS = {"aws_cdk", "boto3", "pydantic", "s3transfer", "moto", "pytest", "hypothesis", "infra", "local"}
FOREIGN = {
    "connect": {*HTTP_CLIENTS, *TOOLS},
    "disconnect": {*HTTP_CLIENTS, *TOOLS, "jwt"},
    "message": {*HTTP_CLIENTS, *TOOLS, "jwt"},
    "generate": {*HTTP_CLIENTS, *TOOLS},
    "worker": {*HTTP_CLIENTS - {"aiohttp"}, *TOOLS, "jwt"},
}


PROBE = f"""
import sys, types
hooks = sys.modules["{HOOKS}"] = types.ModuleType("{HOOKS}")
hooks.__spec__, asked = sys.__spec__, []
hooks.register_after_restore = asked.append
import functions.{{name}}.handler
print(len(asked), *{{{{module.partition(".")[0] for module in sys.modules}}}})
"""


@dataclass(frozen=True)
class Imported:
    """What importing a handler did."""

    hooks: int
    """How often it asked to be told when a snapshot is restored."""
    packages: frozenset[str]
    """What it loaded, by the names of top-level packages."""


@cache
def imported(name: str) -> Imported:
    """Import a handler in a fresh process without environment, where Lambda's hooks for snapshots are."""
    probe = [sys.executable, "-c", PROBE.format(name=name)]
    done = subprocess.run(probe, cwd=ROOT, env={}, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    hooks, *packages = done.stdout.decode().split()
    return Imported(int(hooks), frozenset(packages))


def test_every_function_is_looked_at() -> None:
    assert set(FOREIGN) == set(FUNCTIONS)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_importing_a_handler_needs_no_environment(name: str) -> None:
    assert "functions" in imported(name).packages


def test_the_deployment_reads_settings_without_what_functions_run_on() -> None:
    probe = "import sys, infra.environment, infra.config.fields; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", probe], cwd=ROOT, capture_output=True, check=True, text=True)

    assert set(done.stdout.split()) & {"aiohttp", "openai", "boto3", "jwt"} == set()


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_begins_differently_from_the_copies_of_its_snapshot(name: str) -> None:
    assert imported(name).hooks == 1


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_pays_only_for_what_it_uses(name: str) -> None:
    assert imported(name).packages & FOREIGN[name] == set()


def test_bedrock_costs_the_worker_its_own_code_and_a_decoder() -> None:
    probe = (
        "import sys, functions.worker.handler; before = set(sys.modules)\n"
        "import functions.worker.bedrock.model; print(*set(sys.modules) - before)"
    )
    done = subprocess.run(
        [sys.executable, "-c", probe], cwd=ROOT, env={}, capture_output=True, check=True, text=True
    )

    foreign = {name for name in done.stdout.split() if not name.startswith("functions.worker.bedrock")}
    assert foreign <= {"botocore.eventstream"}
