"""The demo page, alone and in a browser: a test for each file of its tests, as npm runs them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from local.demo_page.build import DEMO

if TYPE_CHECKING:
    from tests.clients.conftest import Run

SUBJECTS = sorted(file.name.removesuffix(".test.ts") for file in DEMO.glob("tests/page/*.test.ts"))


def test_its_parts_keep_their_promises(run: Run) -> None:
    run(DEMO, "test", "tests/parts/")


@pytest.mark.parametrize("subject", SUBJECTS)
def test_it_keeps_its_promises_in_a_browser(run: Run, browser: str, subject: str) -> None:
    run(DEMO, "test", f"tests/page/{subject}.test.ts", CHROMIUM=browser)
