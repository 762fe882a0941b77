"""One laboratory for all fault tests."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.support.history import History
from tests.support.lab import Lab, laboratory
from tests.support.plain_http import plain_client


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with laboratory(tmp_path_factory.mktemp("lab")) as lab:
        yield lab


@pytest.fixture
async def history(lab: Lab) -> AsyncIterator[History]:
    calm(lab)
    async with plain_client(timeout=60) as http, History(lab, http) as history:
        yield history
    calm(lab)


def calm(lab: Lab) -> None:
    lab.proxy.calm()
    lab.cable.calm()
