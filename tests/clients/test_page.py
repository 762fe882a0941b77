"""The demo page, alone and in a browser, as npm runs its tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from local.demo_page.build import DEMO

if TYPE_CHECKING:
    from tests.clients.conftest import Run


def test_its_parts_keep_their_promises(run: Run) -> None:
    run(DEMO, "test", "--project=parts")


@pytest.mark.timeout(1200)  # All of them.
def test_it_keeps_its_promises_in_a_browser(run: Run, browser: str) -> None:
    run(DEMO, "test", "--project=page", CHROMIUM=browser)
