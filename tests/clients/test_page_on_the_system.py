"""The demo page in a browser, on a system that runs on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from local.demo_page.build import DEMO

if TYPE_CHECKING:
    from tests.clients.conftest import Run


def test_it_keeps_its_promises_there(run: Run, browser: str) -> None:
    run(DEMO, "test", "--dir", "tests/system", CHROMIUM=browser)
