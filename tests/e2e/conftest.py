"""Two local deployments for end-to-end tests, with model servers that do what a prompt tells them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

from tests.e2e.account import Account, new_account
from tests.e2e.full import Full, full_deployment
from tests.support.lab import await_first_socket, deployed, model_server
from tests.support.listener import Site
from tests.support.plain_http import plain_client


@pytest.fixture(scope="session")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the deployment keeps its logs."""
    return tmp_path_factory.mktemp("local")


@pytest.fixture(scope="session")
def site(state: Path) -> Iterator[Site]:
    """The real app, deployed by the real CDK to the emulator, with IAM enforced."""
    with model_server() as model_url, deployed(state, model_url) as site:
        await_first_socket(site)
        yield site


@pytest.fixture(scope="session")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Full]:
    """The deployment that has all that is off as a rule."""
    with full_deployment(tmp_path_factory.mktemp("full")) as full:
        yield full


@pytest.fixture
def account(tmp_path: Path) -> Iterator[Account]:
    """An account without the system, in an emulator of its own."""
    with new_account(tmp_path) as account:
        yield account


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with plain_client(timeout=120) as client:
        yield client
