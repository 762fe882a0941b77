"""What importing a handler needs and costs: no environment, and no other function's packages."""

from __future__ import annotations

import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

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


@cache
def loaded_by(name: str) -> frozenset[str]:
    """Import a handler in a fresh process without environment; return the top-level packages it loaded."""
    probe = f"import sys, functions.{name}.handler; print(*{{m.partition('.')[0] for m in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", probe], cwd=ROOT, env={}, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return frozenset(done.stdout.decode().split())


def test_every_function_is_looked_at() -> None:
    assert set(FOREIGN) == set(FUNCTIONS)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_importing_a_handler_needs_no_environment(name: str) -> None:
    assert "functions" in loaded_by(name)


def test_the_deployment_reads_settings_without_what_functions_run_on() -> None:
    probe = "import sys, infra.environment, infra.config.fields; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", probe], cwd=ROOT, capture_output=True, check=True, text=True)

    assert set(done.stdout.split()) & {"aiohttp", "openai", "boto3", "jwt"} == set()


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_pays_only_for_what_it_uses(name: str) -> None:
    assert loaded_by(name) & FOREIGN[name] == set()
