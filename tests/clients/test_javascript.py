"""The JavaScript client and the demo page: their form and types, and the client's own tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from local.demo_page.build import CLIENT, DEMO

if TYPE_CHECKING:
    from pathlib import Path

    from tests.clients.conftest import Run


@pytest.mark.parametrize("package", [CLIENT, DEMO], ids=["client", "page"])
def test_form_and_types_are_right(run: Run, package: Path) -> None:
    run(package, "check")


def test_the_client_keeps_its_promises(run: Run) -> None:
    run(CLIENT, "test")
