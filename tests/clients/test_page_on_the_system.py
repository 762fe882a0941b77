"""The demo page in a browser, on one system that its tests bring up on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from local.demo_page.build import DEMO

if TYPE_CHECKING:
    from tests.clients.conftest import Run


@pytest.mark.timeout(1200)  # All of them, and a deployment that comes up beside others.
def test_it_keeps_its_promises_there(run: Run, browser: str) -> None:
    run(DEMO, "test", "--project=system", CHROMIUM=browser)
