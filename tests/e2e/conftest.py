"""One local deployment for all end-to-end tests, with a model server that does what a prompt tells it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

from tests.support.listener import Site

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def model_url() -> Iterator[str]:
    """The address of a faulty model server."""
    command = [sys.executable, "-m", "tests.support.faulty_model"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}/v1"
        process.terminate()


@pytest.fixture(scope="session")
def site(model_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The real app, deployed by the real CDK to the emulator, with IAM enforced."""
    state = tmp_path_factory.mktemp("local")
    local = [sys.executable, "-m", "local"]
    subprocess.run(
        [*local, "up", "--detach", "--state", str(state)],
        cwd=ROOT,
        env={**os.environ, "LLM_BASE_URL": model_url},
        check=True,
        timeout=300,
    )
    try:
        yield Site(**json.loads((state / "endpoints.json").read_text()))
    finally:
        subprocess.run([*local, "down", "--state", str(state)], cwd=ROOT, check=True, timeout=60)


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(timeout=30) as client:
        yield client
