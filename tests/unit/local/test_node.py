"""Which Node.js the page is built with."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from local.demo_page import node
from local.paths import PROGRAMS


@pytest.mark.parametrize(
    ("version", "is_kept"), [("v20.20.2", False), ("v22.1.0", True), ("v24.0.0", True), ("?", False)]
)
def test_the_machines_node_is_used_if_it_is_new_enough(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, version: str, is_kept: bool
) -> None:
    own = tmp_path / "node"
    own.write_text(f"#!/bin/sh\necho '{version}'\n")
    own.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    found = shutil.which("node", path=node.search_path())

    assert (found == str(own)) is is_kept
    assert found is not None


def test_without_a_node_the_environments_own_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    assert shutil.which("node", path=node.search_path())


def test_a_path_with_the_environments_own_node_leads_to_the_environments_own_npm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a build that a program of ours starts: the npm beside the wheel's Node does not run."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PATH", node.search_path())

    assert node.npm() == str(PROGRAMS / "npm")
