"""The JavaScript client, and the demo page in a browser: their own tests, as npm runs them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest

from local.demo_page import node
from local.demo_page.build import CLIENT, DEMO
from local.paths import ROOT

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", autouse=True)
def _built() -> None:
    """Install and build what is not there yet."""
    subprocess.run([sys.executable, "-m", "local.demo_page.build"], cwd=ROOT, check=True)


def run(package: str, script: str, **environ: str) -> None:
    """Run a script of a package; what it says is shown if it fails."""
    command = [node.npm(), "--prefix", package, "run", script]
    path = {"PATH": node.search_path(), "NO_COLOR": "1"}
    subprocess.run(command, cwd=ROOT, env={**os.environ, **path, **environ}, check=True)


@pytest.mark.parametrize("package", [str(CLIENT), str(DEMO)], ids=["client", "page"])
def test_form_and_types_are_right(package: str) -> None:
    run(package, "check")


def test_the_client_keeps_its_promises() -> None:
    run(str(CLIENT), "test")


@pytest.mark.timeout(900)
def test_the_page_keeps_its_promises_in_a_browser() -> None:
    browser = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if not browser:
        pytest.skip("the page was not tested: no Chromium was found (CHROMIUM names one)")

    run(str(DEMO), "test", CHROMIUM=browser)
