"""The demo page in a browser, on a system that runs on this machine: a test for each file of its tests."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from local.demo_page.build import DEMO
from local.paths import ROOT

if TYPE_CHECKING:
    from tests.clients.conftest import Run

SUBJECTS = sorted(file.name.removesuffix(".test.ts") for file in DEMO.glob("tests/system/*.test.ts"))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return the folder of the system, which the first test brings up for all."""
    home = tmp_path_factory.mktemp("system")
    yield home
    down = [sys.executable, "-m", "local", "down", "--state", str(home)]
    subprocess.run(down, cwd=ROOT, check=True)


@pytest.mark.parametrize("subject", SUBJECTS)
def test_it_keeps_its_promises_there(run: Run, browser: str, home: Path, subject: str) -> None:
    run(DEMO, "test", f"tests/system/{subject}.test.ts", CHROMIUM=browser, FRAMESTREAM_SYSTEM=str(home))
