"""The suite itself: `make test` runs all of it."""

from __future__ import annotations

import pytest

from local.paths import ROOT


def test_every_folder_with_tests_is_run(pytestconfig: pytest.Config) -> None:
    with_tests = {path.relative_to(ROOT).parts[1] for path in (ROOT / "tests").rglob("test_*.py")}

    assert {f"tests/{folder}" for folder in with_tests} == set(pytestconfig.getini("testpaths"))
