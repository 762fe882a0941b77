"""What tests of the JavaScript packages rely on: both are installed and built, and npm runs their scripts."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from local.demo_page import node
from local.paths import ROOT

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

Run = Callable[..., None]


@pytest.fixture(scope="session", autouse=True)
def _built() -> None:
    """Install and build what is not there yet."""
    subprocess.run([sys.executable, "-m", "local.demo_page.build"], cwd=ROOT, check=True)


@pytest.fixture(scope="session")
def run() -> Run:
    """Run a script of a package; what it says is shown if it fails."""

    def run(package: Path, script: str, *words: str, **environ: str) -> None:
        command = [node.npm(), "--prefix", str(package), "run", script, "--", *words]
        path = {"PATH": node.search_path(), "NO_COLOR": "1"}
        subprocess.run(command, cwd=ROOT, env={**os.environ, **path, **environ}, check=True)

    return run


@pytest.fixture(scope="session")
def browser() -> str:
    """Return the path of a browser."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if not found:
        pytest.skip("the page was not tested: no Chromium was found (CHROMIUM names one)")
    return found
